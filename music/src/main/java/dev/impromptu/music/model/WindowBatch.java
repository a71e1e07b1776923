package dev.impromptu.music.model;

/**
 * Some windows, on the host.
 *
 * @param size number of windows
 * @param context tokens in front of what is foretold
 * @param future tokens to foretell
 * @param skipped tokens between them, which nobody foretells
 * @param x contexts, {@code [size, context]}
 * @param y what follows, {@code [size, future]}
 */
public record WindowBatch(int size, int context, int future, int skipped, int[] x, int[] y) {
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
