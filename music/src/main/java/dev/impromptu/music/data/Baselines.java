package dev.impromptu.music.data;

import java.util.Arrays;
import java.util.stream.LongStream;

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
    requireSteps("commonestToken", training, heldOut, stepsAhead);
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

  /**
   * The share of {@code heldOut}'s targets, 0 to 1, that are guessed by looking the context up in
   * the music that {@code training} shows: all stretches of its pieces whose every note stands in
   * some window of it. Named is what most often stands at the target's place there; for an unknown
   * context the commonest target of all. Of equally common ones the lowest id is named.
   *
   * <p>Windows overlap, so where they are dealt out singly this table knows nearly all that is held
   * out. A high share says that the parts overlap, not that anything was learned.
   *
   * @param stepsAhead targets looked up for each window, 1 to {@link Windows#future()}
   * @throws IllegalArgumentException if {@code stepsAhead} is outside that range, a part is empty
   *     or the windows differ in form
   */
  public static double lookup(Windows training, Windows heldOut, int stepsAhead) {
    if (training.size() == 0 || heldOut.size() == 0) {
      throw new IllegalArgumentException("lookup: a part without windows has no score");
    }
    int context = training.contextLength();
    if (context != heldOut.contextLength() || training.lead() != heldOut.lead()) {
      throw new IllegalArgumentException("lookup: the parts have windows of different forms");
    }
    requireSteps("lookup", training, heldOut, stepsAhead);
    var music = new ShownMusic(training);
    int unknown = commonest(training, 1);
    long right = 0;
    for (int ahead = 0; ahead < stepsAhead; ahead++) {
      LongStream.Builder seen = LongStream.builder();
      music.forEach(
          ahead,
          (piece, end, length, target) -> {
            if (length >= context) {
              seen.add(GramTable.gram(GramTable.context(piece, end, context), target));
            }
          });
      GramTable table = GramTable.count(seen.build());
      for (int window = 0; window < heldOut.size(); window++) {
        int end = heldOut.start(window) + context;
        int named = table.commonest(GramTable.context(heldOut.piece(window), end, context));
        right += (named < 0 ? unknown : named) == heldOut.target(window, ahead) ? 1 : 0;
      }
    }
    return (double) right / ((long) heldOut.size() * stepsAhead);
  }

  private static void requireSteps(String who, Windows training, Windows heldOut, int stepsAhead) {
    int most = Math.min(training.future(), heldOut.future());
    if (stepsAhead < 1 || stepsAhead > most) {
      throw new IllegalArgumentException(
          who + ": stepsAhead " + stepsAhead + " is outside 1 to " + most);
    }
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
