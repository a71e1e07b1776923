package dev.impromptu.music.data;

import dev.impromptu.data.Shuffle;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Deals numbers from 0 out to training, validation and test, 70 : 20 : 10, by a seed. */
record Split(int[] training, int[] validation, int[] test) {
  /** Far from the numbers of epochs, whose orders come from the same seed. */
  private static final long STREAM = 1L << 40;

  private static final double TRAINING = 0.7;
  private static final double TRAINING_AND_VALIDATION = 0.9;

  /** Dealings of whole pieces that are tried, of which the most even is taken. */
  private static final int TRIES = 100;

  /** Deals {@code count} things of equal weight: 80,137 into 56,095, 16,028 and 8,014. */
  static Split even(int count, long seed) {
    int[] order = Shuffle.shuffled(count, seed, STREAM);
    int training = (int) (7L * count / 10);
    int test = (count - training + 2) / 3;
    return new Split(
        Arrays.copyOfRange(order, 0, training),
        Arrays.copyOfRange(order, training, count - test),
        Arrays.copyOfRange(order, count - test, count));
  }

  /**
   * Deals things of the given weights so that each part has one of positive weight and the weights
   * come close to 70 : 20 : 10. Things without weight go to training.
   *
   * @throws IllegalArgumentException if fewer than three things have a weight
   */
  static Split weighted(List<Integer> weights, long seed) {
    int[] heavy = IntStream.range(0, weights.size()).filter(i -> weights.get(i) > 0).toArray();
    if (heavy.length < 3) {
      throw new IllegalArgumentException(
          "Split: " + heavy.length + " things to deal into three parts");
    }
    double total = Arrays.stream(heavy).mapToDouble(weights::get).sum();
    Split best = null;
    double bestError = Double.POSITIVE_INFINITY;
    for (int attempt = 0; attempt < TRIES; attempt++) {
      int[] order = Shuffle.shuffled(heavy.length, seed, STREAM + attempt);
      double[] upTo = new double[heavy.length + 1];
      for (int i = 0; i < order.length; i++) {
        order[i] = heavy[order[i]];
        upTo[i + 1] = upTo[i] + weights.get(order[i]) / total;
      }
      int first = cut(upTo, TRAINING, 1, order.length - 2);
      int second = cut(upTo, TRAINING_AND_VALIDATION, first + 1, order.length - 1);
      double error =
          Math.abs(upTo[first] - TRAINING) + Math.abs(upTo[second] - TRAINING_AND_VALIDATION);
      if (best == null || error < bestError) {
        bestError = error;
        best = cutAt(order, first, second, weights);
      }
    }
    return best;
  }

  private static int cut(double[] upTo, double share, int least, int most) {
    int best = least;
    for (int i = least + 1; i <= most; i++) {
      if (Math.abs(upTo[i] - share) < Math.abs(upTo[best] - share)) {
        best = i;
      }
    }
    return best;
  }

  private static Split cutAt(int[] order, int first, int second, List<Integer> weights) {
    int[] light = IntStream.range(0, weights.size()).filter(i -> weights.get(i) <= 0).toArray();
    int[] training = Arrays.copyOf(order, first + light.length);
    System.arraycopy(light, 0, training, first, light.length);
    int[] validation = Arrays.copyOfRange(order, first, second);
    int[] test = Arrays.copyOfRange(order, second, order.length);
    Arrays.sort(training);
    Arrays.sort(validation);
    Arrays.sort(test);
    return new Split(training, validation, test);
  }
}
