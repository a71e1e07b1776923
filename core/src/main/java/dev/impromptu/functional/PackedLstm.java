package dev.impromptu.functional;

import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The LSTM over sequences of different lengths, padded to one: each stops at its own end, as with
 * PyTorch's {@code pack_padded_sequence}. The steps between two ends are one run of {@link Lstm},
 * over the sequences that still go on; so batches of few different lengths are fastest, and one of
 * equal lengths costs no more than {@link Lstm}.
 */
public final class PackedLstm {
  private PackedLstm() {}

  /**
   * Runs the stack.
   *
   * @param x {@code [batch, time, in]}; what stands behind a sequence's end has no effect
   * @param lengths one for each sequence, from 1 to time
   * @param weights one entry a layer, from the bottom
   * @param initial absent for zeros
   * @return y, zeros behind a sequence's end, and every sequence's state after its last step
   * @throws IllegalArgumentException when the sizes or lengths do not fit
   */
  public static Lstm.Output lstm(
      Tensor x, int[] lengths, List<Lstm.Weights> weights, Lstm.@Nullable State initial) {
    requireLengths(x, lengths);
    if (Arrays.stream(lengths).distinct().count() == 1) {
      return together(x, lengths[0], weights, initial);
    }
    int batch = lengths.length;
    int hiddenSize = weights.getFirst().hiddenWeight().shape().size(1);
    Lstm.State state = initial == null ? zeros(x, weights.size(), hiddenSize) : initial;

    int[] order =
        IntStream.range(0, batch)
            .boxed()
            .sorted(Comparator.comparing(i -> -lengths[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    Tensor longestFirst = Gather.indexSelect(x, 0, ids(x, order));
    Tensor hidden = Gather.indexSelect(state.hidden(), 1, ids(x, order));
    Tensor cell = Gather.indexSelect(state.cell(), 1, ids(x, order));

    List<Tensor> outputs = new ArrayList<>();
    // The states of what has ended, the longest sequences first.
    List<Tensor> endedHidden = new ArrayList<>();
    List<Tensor> endedCell = new ArrayList<>();
    int time = 0;
    int going = batch;
    for (int end : Arrays.stream(lengths).sorted().distinct().toArray()) {
      Tensor run = longestFirst.slice(0, 0, going).slice(1, time, end);
      Lstm.Output output = Lstm.lstm(run, weights, new Lstm.State(hidden, cell));
      outputs.add(padded(output.y(), 0, batch));
      int before = going;
      going = (int) Arrays.stream(lengths).filter(length -> length > end).count();
      endedHidden.addFirst(output.state().hidden().slice(1, going, before));
      endedCell.addFirst(output.state().cell().slice(1, going, before));
      if (going > 0) {
        hidden = output.state().hidden().slice(1, 0, going);
        cell = output.state().cell().slice(1, 0, going);
      }
      time = end;
    }

    int[] back = new int[batch];
    for (int i = 0; i < batch; i++) {
      back[order[i]] = i;
    }
    Tensor y = padded(Tensor.concat(1, outputs.toArray(Tensor[]::new)), 1, x.shape().size(1));
    return new Lstm.Output(
        Gather.indexSelect(y, 0, ids(x, back)),
        new Lstm.State(
            Gather.indexSelect(joined(endedHidden), 1, ids(x, back)),
            Gather.indexSelect(joined(endedCell), 1, ids(x, back))));
  }

  /** All sequences end at the same step. */
  private static Lstm.Output together(
      Tensor x, int end, List<Lstm.Weights> weights, Lstm.@Nullable State initial) {
    int time = x.shape().size(1);
    Tensor run = end == time ? x : x.slice(1, 0, end);
    Lstm.Output output =
        initial == null ? Lstm.lstm(run, weights) : Lstm.lstm(run, weights, initial);
    return new Lstm.Output(padded(output.y(), 1, time), output.state());
  }

  /**
   * Every sequence backwards up to its length; what stands behind stays.
   *
   * @param x {@code [batch, time, channels]}
   * @param lengths one for each sequence, from 1 to time
   */
  public static Tensor reversed(Tensor x, int[] lengths) {
    requireLengths(x, lengths);
    int time = x.shape().size(1);
    int[] places = new int[lengths.length * time];
    for (int i = 0; i < places.length; i++) {
      int sequence = i / time;
      int t = i % time;
      places[i] = sequence * time + (t < lengths[sequence] ? lengths[sequence] - 1 - t : t);
    }
    Tensor rows = x.reshape(Shape.of(places.length, x.shape().size(2)));
    return Embedding.embedding(ids(x, places), rows).reshape(x.shape());
  }

  private static void requireLengths(Tensor x, int[] lengths) {
    if (x.shape().rank() != 3
        || lengths.length != x.shape().size(0)
        || Arrays.stream(lengths).anyMatch(length -> length < 1 || length > x.shape().size(1))) {
      throw new IllegalArgumentException(
          "lstm: x %s needs one length from 1 to its time for each sequence [batch, time, channels], but met %s"
              .formatted(x.shape(), Arrays.toString(lengths)));
    }
  }

  private static Lstm.State zeros(Tensor x, int layers, int hiddenSize) {
    Shape shape = Shape.of(layers, x.shape().size(0), hiddenSize);
    return new Lstm.State(Tensor.zeros(x.device(), shape), Tensor.zeros(x.device(), shape));
  }

  private static Tensor ids(Tensor beside, int[] values) {
    return Tensor.ofInts(beside.device(), Shape.of(values.length), values);
  }

  private static Tensor joined(List<Tensor> states) {
    return Tensor.concat(1, states.toArray(Tensor[]::new));
  }

  /** With zeros behind along an axis, up to a size. */
  private static Tensor padded(Tensor y, int axis, int size) {
    int missing = size - y.shape().size(axis);
    return missing == 0
        ? y
        : Tensor.concat(axis, y, Tensor.zeros(y.device(), y.shape().with(axis, missing)));
  }
}
