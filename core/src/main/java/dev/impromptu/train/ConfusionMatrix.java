package dev.impromptu.train;

import java.util.Arrays;

/**
 * Counts which class was taken for which, and what follows from it. Values are fractions from 0 to
 * 1, and NaN where nothing was counted that they could be made of.
 */
public final class ConfusionMatrix {
  private final long[][] counts;

  /**
   * Makes an empty one.
   *
   * @param classes at least 2
   */
  public ConfusionMatrix(int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException(
          "ConfusionMatrix: expected at least 2 classes, met " + classes);
    }
    counts = new long[classes][classes];
  }

  /**
   * Counts predictions.
   *
   * @param targets what was to be found, each a class
   * @param predictions what was found, as many
   * @throws IllegalArgumentException when there are not as many of both, or one is no class
   */
  public void add(int[] targets, int[] predictions) {
    if (targets.length != predictions.length) {
      throw new IllegalArgumentException(
          "ConfusionMatrix: met %d targets and %d predictions, expected as many"
              .formatted(targets.length, predictions.length));
    }
    for (int i = 0; i < targets.length; i++) {
      requireClass(targets[i]);
      requireClass(predictions[i]);
    }
    for (int i = 0; i < targets.length; i++) {
      counts[targets[i]][predictions[i]]++;
    }
  }

  private void requireClass(int index) {
    if (index < 0 || index >= counts.length) {
      throw new IllegalArgumentException(
          "ConfusionMatrix: met class %d, expected 0 to %d".formatted(index, counts.length - 1));
    }
  }

  /** How often {@code target} was taken for {@code prediction}. */
  public long count(int target, int prediction) {
    return counts[target][prediction];
  }

  /** The share of predictions that were right. */
  public double accuracy() {
    long right = 0;
    long all = 0;
    for (int i = 0; i < counts.length; i++) {
      right += counts[i][i];
      all += Arrays.stream(counts[i]).sum();
    }
    return (double) right / all;
  }

  /** Of what was taken for a class, the share that was of it. */
  public double precision(int index) {
    return (double) counts[index][index] / Arrays.stream(counts).mapToLong(r -> r[index]).sum();
  }

  /** Of what was of a class, the share that was found. */
  public double recall(int index) {
    return (double) counts[index][index] / Arrays.stream(counts[index]).sum();
  }

  /** The harmonic mean of precision and recall. */
  public double f1(int index) {
    long either =
        Arrays.stream(counts).mapToLong(r -> r[index]).sum() + Arrays.stream(counts[index]).sum();
    return 2.0 * counts[index][index] / either;
  }
}
