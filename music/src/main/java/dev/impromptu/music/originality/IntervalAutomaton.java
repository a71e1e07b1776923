package dev.impromptu.music.originality;

import java.util.Arrays;
import java.util.List;

/**
 * Knows every run of intervals that stands in any of some pieces: the smallest automaton that
 * accepts them all, built in time that grows with the number of notes.
 *
 * <p>Source: A. Blumer and others, <i>The smallest automaton recognizing the subwords of a text</i>
 * (1985), each piece being added from the first state.
 */
final class IntervalAutomaton {
  static final int START = 0;
  private static final int NONE = -1;
  private static final int INTERVALS = 12;

  private int[] next = new int[INTERVALS * 64];
  private int[] link = new int[64];
  private int[] length = new int[64];
  private int[] piece = new int[64];
  private int[] end = new int[64];
  private int states;

  IntervalAutomaton(List<Fingerprint> pieces) {
    add(0, NONE, NONE);
    link[START] = NONE;
    for (int p = 0; p < pieces.size(); p++) {
      int last = START;
      Fingerprint notes = pieces.get(p);
      for (int note = 0; note + 1 < notes.length(); note++) {
        last = extend(last, notes.interval(note), p, note + 1);
      }
    }
  }

  private int add(int ofLength, int inPiece, int endsAt) {
    if (states == link.length) {
      next = Arrays.copyOf(next, 2 * next.length);
      link = Arrays.copyOf(link, 2 * states);
      length = Arrays.copyOf(length, 2 * states);
      piece = Arrays.copyOf(piece, 2 * states);
      end = Arrays.copyOf(end, 2 * states);
    }
    Arrays.fill(next, states * INTERVALS, (states + 1) * INTERVALS, NONE);
    length[states] = ofLength;
    piece[states] = inPiece;
    end[states] = endsAt;
    return states++;
  }

  private int extend(int last, int interval, int inPiece, int endsAt) {
    int known = next(last, interval);
    if (known != NONE && length[known] == length[last] + 1) {
      return known;
    }
    if (known != NONE) {
      return split(last, interval, known);
    }
    int added = add(length[last] + 1, inPiece, endsAt);
    int state = last;
    while (state != NONE && next(state, interval) == NONE) {
      next[state * INTERVALS + interval] = added;
      state = link[state];
    }
    if (state == NONE) {
      link[added] = START;
    } else {
      int target = next(state, interval);
      boolean whole = length[target] == length[state] + 1;
      // Splitting may replace the arrays, so it comes first.
      int suffix = whole ? target : split(state, interval, target);
      link[added] = suffix;
    }
    return added;
  }

  /** Makes a state of its own for the shorter runs that {@code target} stood for. */
  private int split(int from, int interval, int target) {
    int copy = add(length[from] + 1, piece[target], end[target]);
    System.arraycopy(next, target * INTERVALS, next, copy * INTERVALS, INTERVALS);
    link[copy] = link[target];
    link[target] = copy;
    for (int state = from; state != NONE && next(state, interval) == target; state = link[state]) {
      next[state * INTERVALS + interval] = copy;
    }
    return copy;
  }

  /** The state after one more interval, or −1 where no piece goes on so. */
  int next(int state, int interval) {
    return next[state * INTERVALS + interval];
  }

  /** The state of the longest shorter run at the end of {@code state}'s, −1 for the first. */
  int shorter(int state) {
    return link[state];
  }

  /** Intervals in the longest run that {@code state} stands for. */
  int length(int state) {
    return length[state];
  }

  /** A piece that holds its runs. */
  int piece(int state) {
    return piece[state];
  }

  /** The note of that piece at which they end. */
  int end(int state) {
    return end[state];
  }
}
