package dev.impromptu.data;

import dev.impromptu.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences of different lengths as one batch: each is filled up to the longest with an index that
 * means nothing.
 *
 * @param ids {@code [batch, time]}
 * @param lengths {@code [batch]}, how many of each row are real
 */
public record Padded(HostTensor.Indices ids, HostTensor.Indices lengths) {
  /**
   * Puts sequences one below the other.
   *
   * @param padding stands behind the end of the shorter ones
   * @throws IllegalArgumentException when there are none, or one is empty
   */
  public static Padded of(List<int[]> sequences, int padding) {
    int[] lengths = sequences.stream().mapToInt(sequence -> sequence.length).toArray();
    int time = Arrays.stream(lengths).max().orElse(0);
    if (Arrays.stream(lengths).min().orElse(0) == 0) {
      throw new IllegalArgumentException(
          "Padded: met sequences of lengths %s; expected at least one, and none empty"
              .formatted(Arrays.toString(lengths)));
    }
    int[] ids = new int[lengths.length * time];
    Arrays.fill(ids, padding);
    for (int i = 0; i < lengths.length; i++) {
      System.arraycopy(sequences.get(i), 0, ids, i * time, lengths[i]);
    }
    return new Padded(
        new HostTensor.Indices(Shape.of(lengths.length, time), ids),
        new HostTensor.Indices(Shape.of(lengths.length), lengths));
  }

  /** {@code [batch, time]}: 1 where a row is real, 0 where it was filled up. */
  public HostTensor.Values mask() {
    int time = ids.shape().size(1);
    float[] mask = new float[ids.shape().elements()];
    for (int i = 0; i < lengths.values().length; i++) {
      Arrays.fill(mask, i * time, i * time + lengths.values()[i], 1);
    }
    return new HostTensor.Values(ids.shape(), mask);
  }
}
