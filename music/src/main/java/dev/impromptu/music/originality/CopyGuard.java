package dev.impromptu.music.originality;

import dev.impromptu.music.sample.Guard;
import dev.impromptu.music.token.Reading;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Refuses every note that would make a run longer than is allowed stand in the pieces learned from,
 * transposed or not, and warns of one after which it would refuse all. A run may begin in the
 * primer; one that stands wholly within it cannot be refused any more.
 */
public final class CopyGuard implements Guard {
  /** The shortest limit: nearly every shorter run stands in some piece. */
  public static final int LEAST = 4;

  private static final int OCTAVE = 12;
  private static final int NO_CLASS = -1;

  private final IntervalAutomaton automaton;
  private final int maxCopy;

  /** The pitch classes of every token, in order, and all different ones that strike any. */
  private final int[][] classes;

  private final int[][] strokes;
  private Match match = Match.NOTHING;
  private int lastClass = NO_CLASS;
  private int unwritten;

  /**
   * Makes one.
   *
   * @param reading of the tokens that are played
   * @param tokens the number of tokens in the vocabulary that {@code reading} reads
   * @param maxCopy notes in the longest run allowed, at least {@value #LEAST}
   * @param unwritten tokens that will be played first and are no part of the piece; 0 where the
   *     piece holds its primer
   */
  public CopyGuard(Fingerprints learned, Reading reading, int tokens, int maxCopy, int unwritten) {
    if (maxCopy < LEAST) {
      throw new IllegalArgumentException(
          "CopyGuard: maxCopy " + maxCopy + " must be at least " + LEAST);
    }
    this.automaton = learned.automaton();
    this.classes =
        IntStream.range(0, tokens)
            .mapToObj(id -> Fingerprint.classes(reading, id))
            .toArray(int[][]::new);
    this.strokes =
        Arrays.stream(classes)
            .filter(stroke -> stroke.length > 0)
            .map(IntBuffer::wrap)
            .distinct()
            .map(IntBuffer::array)
            .toArray(int[][]::new);
    this.maxCopy = maxCopy;
    this.unwritten = unwritten;
  }

  @Override
  public boolean refuses(int id) {
    return after(match, lastClass, classes[id]).notes() > maxCopy;
  }

  @Override
  public boolean endsDead(int id) {
    int[] stroke = classes[id];
    if (stroke.length == 0) {
      return false;
    }
    Match after = after(match, lastClass, stroke);
    int last = stroke[stroke.length - 1];
    return Arrays.stream(strokes).allMatch(next -> after(after, last, next).notes() > maxCopy);
  }

  /** The run after a stroke, or the first that is too long if one is. */
  private Match after(Match before, int lastBefore, int[] stroke) {
    Match after = before;
    int last = lastBefore;
    for (int pitchClass : stroke) {
      after = extended(after, last, pitchClass);
      last = pitchClass;
      if (after.notes() > maxCopy) {
        break;
      }
    }
    return after;
  }

  private Match extended(Match before, int last, int pitchClass) {
    return last == NO_CLASS
        ? Match.NOTHING
        : before.then(Math.floorMod(pitchClass - last, OCTAVE), automaton);
  }

  @Override
  public void played(int id) {
    if (unwritten > 0) {
      unwritten--;
      return;
    }
    for (int pitchClass : classes[id]) {
      match = extended(match, lastClass, pitchClass);
      lastClass = pitchClass;
    }
  }
}
