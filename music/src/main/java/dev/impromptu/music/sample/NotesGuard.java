package dev.impromptu.music.sample;

import dev.impromptu.music.token.Reading;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Watches over what is heard, whatever tokens say it: no bar sounds more than {@value #MOST_BARS}
 * times running, no key is more than {@value #MOST_OF_RECENT} of the last {@value #RECENT} strokes,
 * and every {@value #NOTES_FOR_ONE_MORE} notes there is one more key that was ever struck, up to
 * {@value #VARIETY}. Music that people wrote hardly ever meets a limit.
 *
 * <p>Shares a reading with its owner, who reads on after telling this guard.
 */
final class NotesGuard implements Guard {
  static final int BEATS_PER_BAR = 4;
  static final int MOST_BARS = 4;
  static final int RECENT = 32;
  static final int MOST_OF_RECENT = 12;
  static final int NOTES_FOR_ONE_MORE = 10;
  static final int VARIETY = 12;

  private static final long BAR = (long) BEATS_PER_BAR * Reading.UNITS_PER_BEAT;
  private static final int KEYS = 128;

  private final Reading reading;
  private final int mostOfRecent;
  private final int variety;

  private final int[] recent = new int[RECENT];
  private final int[] share = new int[KEYS];
  private final BitSet everStruck = new BitSet();
  private int strokes;
  private int notes;

  private List<Long> lastBar = List.of();
  private int equalBars;
  private List<Long> bar = new ArrayList<>();

  /**
   * @param tokens the number of tokens in the vocabulary that {@code reading} reads
   */
  NotesGuard(Reading reading, int tokens) {
    this.reading = reading;
    var known = new BitSet();
    for (int id = 0; id < tokens; id++) {
      for (int key : reading.keys(id)) {
        known.set(key);
      }
    }
    int keys = Math.max(1, known.cardinality());
    // A vocabulary of few keys cannot do better than take them in turn.
    mostOfRecent = Math.max(MOST_OF_RECENT, Math.ceilDiv(RECENT, keys) + 1);
    variety = Math.min(VARIETY, keys);
  }

  @Override
  public boolean refuses(int id) {
    int[] keys = reading.keys(id);
    return keys.length > 0 && (tooOften(keys) || tooFew(keys)) || repeatsTheBar(id, keys);
  }

  private boolean tooOften(int[] keys) {
    for (int key : keys) {
      int leaving = strokes >= RECENT && recent[strokes % RECENT] == key ? 1 : 0;
      if (share[key] + 1 - leaving > mostOfRecent) {
        return true;
      }
    }
    return false;
  }

  /** Whether the piece has too few keys so far and {@code keys} adds none. */
  private boolean tooFew(int[] keys) {
    if (everStruck.cardinality() >= Math.min(variety, (notes + 1) / NOTES_FOR_ONE_MORE)) {
      return false;
    }
    for (int key : keys) {
      if (!everStruck.get(key)) {
        return false;
      }
    }
    return true;
  }

  private boolean repeatsTheBar(int id, int[] keys) {
    boolean ends = reading.timeAfter(id) / BAR > reading.time() / BAR;
    if (equalBars < MOST_BARS || keys.length == 0 && !ends) {
      return false;
    }
    int size = bar.size();
    if (size + keys.length != lastBar.size()) {
      return false;
    }
    for (int i = 0; i < lastBar.size(); i++) {
      long stroke = i < size ? bar.get(i) : stroke(keys[i - size]);
      if (stroke != lastBar.get(i)) {
        return false;
      }
    }
    return true;
  }

  /** When in the bar and what. */
  private long stroke(int key) {
    return reading.time() % BAR * KEYS + key;
  }

  @Override
  public void played(int id) {
    int[] keys = reading.keys(id);
    for (int key : keys) {
      if (strokes >= RECENT) {
        share[recent[strokes % RECENT]]--;
      }
      recent[strokes++ % RECENT] = key;
      share[key]++;
      everStruck.set(key);
      bar.add(stroke(key));
    }
    notes += keys.length > 0 ? 1 : 0;
    if (reading.timeAfter(id) / BAR > reading.time() / BAR) {
      equalBars = bar.equals(lastBar) ? equalBars + 1 : 1;
      lastBar = bar;
      bar = new ArrayList<>();
    }
  }
}
