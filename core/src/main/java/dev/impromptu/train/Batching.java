package dev.impromptu.train;

/**
 * How many examples make a training step, and in how many parts they are computed, in less memory.
 * The gradients of the parts are added up before the one update, each by its share of the examples.
 * That is the step of the whole batch, up to rounding, where the loss is a mean over the examples
 * and nothing is drawn: with dropout each part has a mask of its own, and a loss that leaves
 * targets out or weighs classes is a mean over what counts in its part.
 *
 * @param size examples in a step; the last of an epoch may have fewer
 * @param parts into how many a step is cut, of equal size
 */
public record Batching(int size, int parts) {
  /** Checks that the parts are equal. */
  public Batching {
    if (size < 1 || parts < 1 || size % parts != 0) {
      throw new IllegalArgumentException(
          "Batching: %d examples cannot be computed in %d equal parts; both must be at least 1, and the size a multiple of the parts"
              .formatted(size, parts));
    }
  }

  /** Each step in one part. */
  public static Batching of(int size) {
    return new Batching(size, 1);
  }

  /** The same step in more parts. */
  public Batching inParts(int count) {
    return new Batching(size, count);
  }

  /** Examples in a part. */
  int partSize() {
    return size / parts;
  }

  /**
   * The sizes of the parts of one step.
   *
   * @param examples of the whole epoch
   * @param step number of it in the epoch
   */
  int[] sizes(int examples, int step) {
    int left = Math.min(size, examples - step * size);
    int[] sizes = new int[Math.ceilDiv(left, partSize())];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Math.min(partSize(), left - i * partSize());
    }
    return sizes;
  }
}
