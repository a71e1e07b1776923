package dev.impromptu.music.originality;

import dev.impromptu.music.sample.Guard;
import dev.impromptu.music.token.Reading;

/**
 * Refuses every note that would make a run longer than is allowed stand in the pieces learned from,
 * transposed or not. The primer is no part of a run.
 */
public final class CopyGuard implements Guard {
  /** The shortest limit: nearly every shorter run stands in some piece. */
  public static final int LEAST = 4;

  private static final int OCTAVE = 12;
  private static final int NO_CLASS = -1;

  private final IntervalAutomaton automaton;
  private final Reading reading;
  private final int maxCopy;
  private Match match = Match.NOTHING;
  private int lastClass = NO_CLASS;
  private int unheard;

  /**
   * Makes one.
   *
   * @param reading of the tokens that are played
   * @param maxCopy notes in the longest run allowed, at least {@value #LEAST}
   * @param primer tokens that will be played before runs count
   */
  public CopyGuard(Fingerprints learned, Reading reading, int maxCopy, int primer) {
    if (maxCopy < LEAST) {
      throw new IllegalArgumentException(
          "CopyGuard: maxCopy " + maxCopy + " must be at least " + LEAST);
    }
    this.automaton = learned.automaton();
    this.reading = reading;
    this.maxCopy = maxCopy;
    this.unheard = primer;
  }

  @Override
  public boolean refuses(int id) {
    Match after = match;
    int last = lastClass;
    for (int pitchClass : Fingerprint.classes(reading, id)) {
      after = extended(after, last, pitchClass);
      last = pitchClass;
      if (after.notes() > maxCopy) {
        return true;
      }
    }
    return false;
  }

  private Match extended(Match before, int last, int pitchClass) {
    return last == NO_CLASS
        ? Match.NOTHING
        : before.then(Math.floorMod(pitchClass - last, OCTAVE), automaton);
  }

  @Override
  public void played(int id) {
    if (unheard > 0) {
      unheard--;
      return;
    }
    for (int pitchClass : Fingerprint.classes(reading, id)) {
      match = extended(match, lastClass, pitchClass);
      lastClass = pitchClass;
    }
  }
}
