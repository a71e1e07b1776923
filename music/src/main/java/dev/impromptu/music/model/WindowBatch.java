package dev.impromptu.music.model;

/**
 * Some windows, on the host.
 *
 * @param size number of windows
 * @param context tokens in front of what is foretold
 * @param future tokens to foretell
 * @param x contexts, {@code [size, context]}
 * @param between what windows skip behind their contexts, {@code [size, skipped]}; mostly nothing
 * @param y what follows, {@code [size, future]}
 * @param earlier whether what begins 1, 2, … tokens before each window is one of the examples that
 *     this batch was taken from, {@code [size, future - 1]}
 */
public record WindowBatch(
    int size, int context, int future, int[] x, int[] between, int[] y, boolean[] earlier) {
  /** Tokens between the context and what is to be foretold. */
  int skipped() {
    return between.length / size;
  }

  /** Everything that a window spans, in order. */
  int[] span(int window) {
    int[] span = new int[context + skipped() + future];
    System.arraycopy(x, window * context, span, 0, context);
    System.arraycopy(between, window * skipped(), span, context, skipped());
    System.arraycopy(y, window * future, span, context + skipped(), future);
    return span;
  }

  /** Whether what begins {@code tokens} before {@code window}, from 0, is one of the examples. */
  boolean hasEarlier(int window, int tokens) {
    return tokens == 0 || earlier[window * (future - 1) + tokens - 1];
  }

  /** Refuses to foretell more tokens than these windows hold. */
  void requireFuture(int stepsAhead) {
    if (stepsAhead > future) {
      throw new IllegalArgumentException(
          "WindowBatch: %d steps ahead are asked for, but windows hold %d"
              .formatted(stepsAhead, future));
    }
  }

  /** The tokens that stand {@code ahead} of the contexts, from 0: {@code [size]}. */
  int[] target(int ahead) {
    int[] target = new int[size];
    for (int i = 0; i < size; i++) {
      target[i] = y[i * future + ahead];
    }
    return target;
  }
}
