package dev.impromptu.music.data;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

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

  /**
   * The share of {@code heldOut}'s first targets, 0 to 1, that are guessed by looking the context
   * up in the music that {@code training} shows: all stretches of its pieces whose every note
   * stands in some window of it. Named is what most often stands at the target's place there; for
   * an unknown context the commonest target of all. Of equally common ones the lowest id is named.
   *
   * <p>Windows overlap, so where they are dealt out singly this table knows nearly all that is held
   * out. A high share says that the parts overlap, not that anything was learned.
   *
   * @throws IllegalArgumentException if a part is empty or the windows differ in form
   */
  public static double lookup(Windows training, Windows heldOut) {
    if (training.size() == 0 || heldOut.size() == 0) {
      throw new IllegalArgumentException("lookup: a part without windows has no score");
    }
    int context = training.contextLength();
    int lead = training.lead();
    if (context != heldOut.contextLength() || lead != heldOut.lead()) {
      throw new IllegalArgumentException("lookup: the parts have windows of different forms");
    }
    Map<IntBuffer, Map<Integer, Integer>> table = new HashMap<>();
    shown(training)
        .forEach(
            (piece, notes) -> {
              for (int start = 0; start + lead < piece.length(); start++) {
                if (notes.nextClearBit(start) >= start + context && notes.get(start + lead)) {
                  table
                      .computeIfAbsent(tokens(piece, start, context), tokens -> new HashMap<>())
                      .merge(piece.id(start + lead), 1, Integer::sum);
                }
              }
            });
    Map<Integer, Integer> unknown = Map.of(commonest(training, 1), 1);
    long right = 0;
    for (int window = 0; window < heldOut.size(); window++) {
      IntBuffer tokens = tokens(heldOut.piece(window), heldOut.start(window), context);
      if (commonest(table.getOrDefault(tokens, unknown)) == heldOut.target(window, 0)) {
        right++;
      }
    }
    return (double) right / heldOut.size();
  }

  /** Which notes of each piece stand in some window. */
  private static Map<EncodedPiece, BitSet> shown(Windows windows) {
    Map<EncodedPiece, BitSet> shown = new HashMap<>();
    for (int window = 0; window < windows.size(); window++) {
      BitSet notes = shown.computeIfAbsent(windows.piece(window), piece -> new BitSet());
      int start = windows.start(window);
      notes.set(start, start + windows.contextLength());
      notes.set(start + windows.lead(), start + windows.lead() + windows.future());
    }
    return shown;
  }

  private static IntBuffer tokens(EncodedPiece piece, int start, int count) {
    int[] tokens = new int[count];
    piece.copy(start, tokens, 0, count);
    return IntBuffer.wrap(tokens);
  }

  private static int commonest(Map<Integer, Integer> counts) {
    int best = Integer.MAX_VALUE;
    int most = 0;
    for (var entry : counts.entrySet()) {
      int count = entry.getValue();
      if (count > most || count == most && entry.getKey() < best) {
        best = entry.getKey();
        most = count;
      }
    }
    return best;
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
