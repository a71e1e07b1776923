package dev.impromptu.music.data;

import dev.impromptu.data.Shuffle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  /**
   * Deals things of the given weights into {@code folds} shares of nearly one weight: one is for
   * testing, half of the next one for validation, the rest for training. Over all folds everything
   * is tested once. Things without weight go to training.
   *
   * @param fold the share to test, from 1
   * @throws IllegalArgumentException if fewer things than folds have a weight
   */
  static Split fold(List<Integer> weights, long seed, int fold, int folds) {
    int[] heavy = IntStream.range(0, weights.size()).filter(i -> weights.get(i) > 0).toArray();
    if (heavy.length < folds) {
      throw new IllegalArgumentException(
          "Split: " + heavy.length + " things to deal into " + folds + " folds");
    }
    List<List<Integer>> shares = shares(heavy, weights, seed, folds);
    List<Integer> next = shares.get(fold % folds);
    long half = next.stream().mapToLong(weights::get).sum() / 2;
    List<Integer> validation = new ArrayList<>();
    long taken = 0;
    for (int thing : next) {
      if (validation.isEmpty() || taken + weights.get(thing) / 2 < half) {
        validation.add(thing);
        taken += weights.get(thing);
      }
    }
    Set<Integer> held = new HashSet<>(validation);
    held.addAll(shares.get(fold - 1));
    return new Split(
        IntStream.range(0, weights.size()).filter(i -> !held.contains(i)).toArray(),
        validation.stream().mapToInt(Integer::intValue).sorted().toArray(),
        shares.get(fold - 1).stream().mapToInt(Integer::intValue).sorted().toArray());
  }

  /** Of several dealings, each thing to the lightest share, the most even. */
  private static List<List<Integer>> shares(
      int[] heavy, List<Integer> weights, long seed, int folds) {
    List<List<Integer>> best = List.of();
    long bestSpread = Long.MAX_VALUE;
    for (int attempt = 0; attempt < TRIES; attempt++) {
      List<List<Integer>> shares = new ArrayList<>();
      IntStream.range(0, folds).forEach(i -> shares.add(new ArrayList<>()));
      long[] loads = new long[folds];
      for (int place : Shuffle.shuffled(heavy.length, seed, STREAM + attempt)) {
        int lightest = 0;
        for (int i = 1; i < folds; i++) {
          lightest = loads[i] < loads[lightest] ? i : lightest;
        }
        shares.get(lightest).add(heavy[place]);
        loads[lightest] += weights.get(heavy[place]);
      }
      long spread =
          Arrays.stream(loads).max().orElseThrow() - Arrays.stream(loads).min().orElseThrow();
      if (spread < bestSpread) {
        bestSpread = spread;
        best = shares;
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
