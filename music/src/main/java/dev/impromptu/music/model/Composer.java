package dev.impromptu.music.model;

import dev.impromptu.functional.Mode;
import dev.impromptu.music.sample.Sampler;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Continues a primer note by note. A {@link StreamingModel} reads every token once; any other
 * network reads the last {@code contextLength} again for each note, because it was never trained to
 * remember more.
 *
 * @param model foretells
 * @param device where it runs
 * @param contextLength tokens the network was trained to look back on
 */
public record Composer(SequenceModel model, Device device, int contextLength) {
  /**
   * Composes.
   *
   * @param primer what to continue, at least one token; may be shorter than the context
   * @param notes notes or chords to add; tokens that tell something else come on top
   * @param sampler chooses every token
   * @param progress is told how many notes there are so far
   * @return the primer and what follows
   */
  public int[] compose(int[] primer, int notes, Sampler sampler, IntConsumer progress) {
    if (primer.length == 0) {
      throw new IllegalArgumentException("Composer: the primer is empty; give at least one token");
    }
    int[] piece = Arrays.copyOf(primer, primer.length + notes);
    sampler.heard(primer);
    int at = primer.length;
    try (var _ = Scope.inference()) {
      Reading reading =
          model instanceof StreamingModel streaming ? streamed(streaming, primer) : this::reread;
      for (int struck = 0; struck < notes; at++) {
        if (at == piece.length) {
          piece = Arrays.copyOf(piece, 2 * at);
        }
        try (var _ = Scope.inference()) {
          piece[at] = sampler.next(reading.after(piece, at).toFloatArray());
        }
        if (sampler.strikes(piece[at])) {
          progress.accept(++struck);
        }
      }
    }
    return Arrays.copyOf(piece, at);
  }

  /** The logits after the first so many tokens of a piece that grows. */
  @FunctionalInterface
  private interface Reading {
    Tensor after(int[] piece, int length);
  }

  private Tensor reread(int[] piece, int length) {
    int[] context = Arrays.copyOfRange(piece, Math.max(0, length - contextLength), length);
    return model.logits(
        Tensor.ofInts(device, Shape.of(1, context.length), context), Mode.EVALUATION);
  }

  /**
   * Of the primer only as much is read as makes a difference; its last token is read when asked.
   */
  private Reading streamed(StreamingModel streaming, int[] primer) {
    TokenStream stream = streaming.stream(1);
    int last = primer.length - 1;
    for (int i = Math.max(0, primer.length - streaming.receptiveField()); i < last; i++) {
      try (var _ = Scope.inference()) {
        stream.next(token(primer[i]));
      }
    }
    return (piece, length) -> stream.next(token(piece[length - 1]));
  }

  private Tensor token(int id) {
    return Tensor.ofInts(device, Shape.of(1), id);
  }
}
