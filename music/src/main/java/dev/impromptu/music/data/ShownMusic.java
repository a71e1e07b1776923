package dev.impromptu.music.data;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * All that training windows show: the stretches of their pieces whose every note stands in some
 * window, also where no single window holds context and target together.
 */
final class ShownMusic {
  private final Map<EncodedPiece, BitSet> shown = new HashMap<>();
  private final int gap;

  ShownMusic(Windows windows) {
    gap = windows.lead() - windows.contextLength();
    for (int window = 0; window < windows.size(); window++) {
      BitSet notes = shown.computeIfAbsent(windows.piece(window), piece -> new BitSet());
      int start = windows.start(window);
      notes.set(start, start + windows.contextLength());
      notes.set(start + windows.lead(), start + windows.lead() + windows.future());
    }
  }

  /** Is shown a context and what came after it. */
  @FunctionalInterface
  interface Visitor {
    /**
     * One context.
     *
     * @param end index of the note after it
     * @param length notes of it that are shown without a break, at least 1
     * @param target token at the target's place
     */
    void visit(EncodedPiece piece, int end, int length, int target);
  }

  /** Shows every context whose target, {@code ahead} after the first one, is shown too. */
  void forEach(int ahead, Visitor visitor) {
    shown.forEach(
        (piece, notes) -> {
          int run = 0;
          for (int end = 1; end + gap + ahead < piece.length(); end++) {
            run = notes.get(end - 1) ? run + 1 : 0;
            if (run > 0 && notes.get(end + gap + ahead)) {
              visitor.visit(piece, end, run, piece.id(end + gap + ahead));
            }
          }
        });
  }
}
