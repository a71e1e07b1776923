package dev.impromptu.music.model;

import dev.impromptu.functional.Mode;
import dev.impromptu.music.sample.Sampler;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;

/**
 * A piece that is composed token by token. It belongs to the thread that began it; any number of
 * sessions, each in a thread of its own, may share one model.
 */
public final class ComposerSession implements AutoCloseable {
  private final Composer composer;
  private final Sampler sampler;
  private final Scope scope;
  private final Reading reading;
  private int[] tokens;
  private int length;

  ComposerSession(Composer composer, int[] primer, Sampler sampler) {
    this.composer = composer;
    this.sampler = sampler;
    tokens = Arrays.copyOf(primer, 2 * primer.length);
    length = primer.length;
    scope = Scope.inference();
    try {
      reading =
          composer.model() instanceof StreamingModel streaming
              ? streamed(streaming, primer)
              : this::reread;
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  /** Chooses the next token. */
  public int next() {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length);
    }
    try (var _ = Scope.inference()) {
      tokens[length] = sampler.next(reading.next().toFloatArray());
    }
    return tokens[length++];
  }

  /** The primer and what has followed so far. */
  public int[] piece() {
    return Arrays.copyOf(tokens, length);
  }

  /** The logits of what comes next. */
  @FunctionalInterface
  private interface Reading {
    Tensor next();
  }

  private Tensor reread() {
    int from = Math.max(0, length - composer.contextLength());
    int[] context = Arrays.copyOfRange(tokens, from, length);
    return composer
        .model()
        .logits(
            Tensor.ofInts(composer.device(), Shape.of(1, context.length), context),
            Mode.EVALUATION);
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
    return () -> stream.next(token(tokens[length - 1]));
  }

  private Tensor token(int id) {
    return Tensor.ofInts(composer.device(), Shape.of(1), id);
  }

  @Override
  public void close() {
    scope.close();
  }
}
