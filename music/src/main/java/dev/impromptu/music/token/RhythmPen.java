package dev.impromptu.music.token;

import dev.impromptu.music.score.Note;

/**
 * Where a sequence of rhythm tokens stands: what time it is, how loud and long the next note will
 * be. Words in an impossible place do what they still can: one that goes back in time does nothing.
 */
final class RhythmPen {
  /** How loud notes are before anything is said of it. */
  static final int LOUDNESS = 4;

  /** How long they are. */
  static final int LENGTH = 12;

  /** The longest rest, in beats; a longer one is shortened. */
  static final int MOST_EMPTY_BEATS = 64;

  /** A note lasts at most this many times four beats, and four more. */
  static final int MOST_HOLDS = 15;

  private static final int NO_KEY = -1;

  private long beat;
  private int position;
  private int emptyBeats;
  private int lowest = NO_KEY;
  private int loudness = LOUDNESS;
  private int length = LENGTH;
  private int holds;
  private boolean begun;
  private boolean placed;
  private boolean loudnessTold;
  private boolean lengthTold;

  /** When the next note is struck, in units. */
  long time() {
    return beat * RhythmGrid.UNITS + position;
  }

  /** How loud the next note is, as a step. */
  int loudness() {
    return loudness;
  }

  /** How long the next note is, in units. */
  int length() {
    return length;
  }

  /** Whether anything was written. */
  boolean begun() {
    return begun;
  }

  /** What {@link #time()} will be after {@code token}. */
  long timeAfter(RhythmToken token) {
    return switch (token) {
      case RhythmToken.Beat _ -> (beat + 1) * RhythmGrid.UNITS;
      case RhythmToken.Position(int units) -> beat * RhythmGrid.UNITS + Math.max(position, units);
      default -> time();
    };
  }

  void write(RhythmToken token) {
    begun = true;
    switch (token) {
      case RhythmToken.Tempo _ -> {}
      case RhythmToken.Beat _ -> {
        beat++;
        emptyBeats++;
        position = 0;
        lowest = NO_KEY;
        wordEnds();
      }
      case RhythmToken.Position(int units) -> {
        if (units > position) {
          position = units;
          lowest = NO_KEY;
        }
        wordEnds();
        placed = true;
      }
      case RhythmToken.Loudness(int step) -> {
        loudness = step;
        loudnessTold = true;
      }
      case RhythmToken.Hold _ -> holds = Math.min(MOST_HOLDS, holds + 1);
      case RhythmToken.Length(int units) -> {
        length = holds * RhythmGrid.LONGEST + units;
        holds = 0;
        lengthTold = true;
      }
      case RhythmToken.Strike(int key) -> {
        lowest = key;
        emptyBeats = 0;
        wordEnds();
      }
    }
  }

  private void wordEnds() {
    holds = 0;
    placed = false;
    loudnessTold = false;
    lengthTold = false;
  }

  /**
   * Whether {@code token} may come next, so that every word about a note is followed by one, time
   * goes on, and the keys of a chord ascend.
   *
   * @param highestKey that the vocabulary has a token for
   */
  boolean allows(RhythmToken token, int highestKey) {
    boolean told = loudnessTold || lengthTold || holds > 0;
    boolean room = lowest < highestKey;
    return switch (token) {
      case RhythmToken.Tempo _ -> !begun;
      case RhythmToken.Beat _ -> !placed && !told && emptyBeats < MOST_EMPTY_BEATS;
      case RhythmToken.Position(int units) -> !placed && !told && units > position;
      case RhythmToken.Loudness(int step) -> !told && step != loudness && room;
      case RhythmToken.Hold _ -> !lengthTold && holds < MOST_HOLDS && room;
      case RhythmToken.Length(int units) -> !lengthTold && (holds > 0 || units != length) && room;
      case RhythmToken.Strike(int key) -> holds == 0 && key > lowest;
    };
  }

  /**
   * The note that striking {@code key} now gives, with {@code ticksPerUnit} ticks a unit.
   *
   * @throws IllegalArgumentException if it would end after the last tick
   */
  Note note(int key, int ticksPerUnit) {
    int onset = (int) Math.min(Integer.MAX_VALUE, time() * ticksPerUnit);
    int velocity = new RhythmToken.Loudness(loudness).velocity();
    return new Note(key, onset, length * ticksPerUnit, velocity);
  }
}
