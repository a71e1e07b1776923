package dev.impromptu.music.data;

import java.util.Arrays;

/** Scores to hold a model's against. */
public final class Baselines {
  private Baselines() {}

  /**
   * The share of {@code heldOut}'s targets, 0 to 1, that are guessed by always naming the commonest
   * target of {@code training}. Of equally common ones the lowest id is named.
   *
   * @param stepsAhead targets counted in each window, 1 to {@link Windows#future()}
   * @throws IllegalArgumentException if {@code stepsAhead} is outside that range or a part is empty
   */
  public static double commonestToken(Windows training, Windows heldOut, int stepsAhead) {
    if (stepsAhead < 1 || stepsAhead > Math.min(training.future(), heldOut.future())) {
      throw new IllegalArgumentException(
          "commonestToken: stepsAhead "
              + stepsAhead
              + " is outside 1 to "
              + Math.min(training.future(), heldOut.future()));
    }
    if (training.size() == 0 || heldOut.size() == 0) {
      throw new IllegalArgumentException("commonestToken: a part without windows has no score");
    }
    int guess = commonest(training, stepsAhead);
    long right = 0;
    for (int window = 0; window < heldOut.size(); window++) {
      for (int ahead = 0; ahead < stepsAhead; ahead++) {
        if (heldOut.target(window, ahead) == guess) {
          right++;
        }
      }
    }
    return (double) right / ((long) heldOut.size() * stepsAhead);
  }

  private static int commonest(Windows windows, int stepsAhead) {
    int[] counts = new int[1];
    for (int window = 0; window < windows.size(); window++) {
      for (int ahead = 0; ahead < stepsAhead; ahead++) {
        int target = windows.target(window, ahead);
        if (target >= counts.length) {
          counts = Arrays.copyOf(counts, target * 2 + 1);
        }
        counts[target]++;
      }
    }
    int best = 0;
    for (int id = 1; id < counts.length; id++) {
      if (counts[id] > counts[best]) {
        best = id;
      }
    }
    return best;
  }
}
