package dev.impromptu.music.model;

import dev.impromptu.music.data.EncodedPiece;
import dev.impromptu.music.data.Foreteller;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.sample.PieceMemory;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.IntConsumer;

/** What models foretell that also remember the piece so far, as {@link PieceMemory} does. */
public final class Recall {
  private static final int BATCH = 256;

  private Recall() {}

  /**
   * The share of {@code heldOut}'s first targets, 0 to 1, that are likeliest once the memory of all
   * that stood before them in their piece is mixed in. The memory is a part of the judging alone:
   * nothing of it has to be trained, or is chosen by what is held out.
   *
   * @param progress is told how many windows were judged
   * @throws IllegalArgumentException if there are no windows
   */
  public static double accuracy(Foreteller foreteller, Windows heldOut, IntConsumer progress) {
    int size = heldOut.size();
    if (size == 0) {
      throw new IllegalArgumentException("Recall: a part without windows has no score");
    }
    Map<EncodedPiece, Remembered> memories = new IdentityHashMap<>();
    long right = 0;
    for (int from = 0; from < size; from += BATCH) {
      int to = Math.min(from + BATCH, size);
      float[] probabilities = foreteller.probabilities(heldOut, from, to);
      int tokens = probabilities.length / (to - from);
      for (int window = from; window < to; window++) {
        int named =
            memories
                .computeIfAbsent(
                    heldOut.piece(window), piece -> Remembered.of(piece, heldOut.skipped()))
                .likeliest(
                    heldOut.start(window) + heldOut.contextLength(),
                    probabilities,
                    (window - from) * tokens,
                    tokens);
        right += named == heldOut.target(window, 0) ? 1 : 0;
      }
      progress.accept(to);
    }
    return (double) right / size;
  }

  /** By the number of tokens heard: what is recalled then, and how surely. */
  private record Remembered(int[] recalled, double[] trust) {
    static Remembered of(EncodedPiece piece, int skipped) {
      var memory = new PieceMemory();
      var remembered = new Remembered(new int[piece.length() + 1], new double[piece.length() + 1]);
      for (int heard = 1; heard <= piece.length(); heard++) {
        memory.heard(piece.id(heard - 1));
        remembered.recalled[heard] = memory.recalled(skipped);
        remembered.trust[heard] = remembered.recalled[heard] < 0 ? 0 : memory.trust();
      }
      return remembered;
    }

    int likeliest(int heard, float[] probabilities, int offset, int tokens) {
      int best = 0;
      for (int id = 1; id < tokens; id++) {
        if (probabilities[offset + id] > probabilities[offset + best]) {
          best = id;
        }
      }
      int known = recalled[heard];
      double share = trust[heard];
      double foretold = known < 0 || known >= tokens ? 0 : probabilities[offset + known];
      return share + (1 - share) * foretold > (1 - share) * probabilities[offset + best]
          ? known
          : best;
    }
  }
}
