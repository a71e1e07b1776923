package dev.impromptu.music.token;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * The words of the project this one grew from: a single note is its name and octave ({@code E-4}),
 * notes struck and released together are their pitch classes in normal order ({@code 4.7.11}).
 * Octaves and inversions of chords, durations, rests and loudness are lost.
 *
 * <p>Notes are together when their onsets and their releases differ by at most a sixteenth of a
 * beat from those of the first. Onsets are rounded to the nearest quarter or third of a beat, a
 * quarter winning ties, and the parts are merged by rounded onset, part, and order within the part.
 */
public final class SeedTokenizer implements Tokenizer {
  /** The name on the command line and in {@code model.json}. */
  public static final String NAME = "seed";

  /** When heard, each word begins this long after the one before, and sounds as long, in beats. */
  public static final double GRID_BEATS = 0.5;

  /** The tempo words are heard at, in beats a minute: the MIDI standard's default. */
  public static final double BEATS_PER_MINUTE = 120;

  /** The loudness words are heard at. */
  public static final int VELOCITY = 80;

  private static final int TICKS_PER_BEAT = 480;
  private static final int MIDDLE_C = 60;
  private static final List<String> NAMES =
      List.of("C", "C#", "D", "E-", "E", "F", "F#", "G", "G#", "A", "B-", "B");

  private record Word(long onset, String text) {}

  /** Makes one; it has no settings and no state. */
  public SeedTokenizer() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> tokens(Score score) {
    var words = new ArrayList<Word>();
    for (Part part : score.parts()) {
      addWords(part, score.ticksPerBeat(), words);
    }
    // The sort is stable, so part and order of emission decide between equal onsets.
    words.sort(Comparator.comparingLong(Word::onset));
    return words.stream().map(Word::text).toList();
  }

  private static void addWords(Part part, int ticksPerBeat, List<Word> words) {
    Note[] notes = part.notes().toArray(new Note[0]);
    Arrays.sort(notes, Comparator.comparingInt(Note::onset));
    int near = ticksPerBeat / 16;
    // By release: notes struck together with the one at hand, which no earlier one has gathered.
    NavigableMap<Integer, List<Integer>> waiting = new TreeMap<>();
    boolean[] gathered = new boolean[notes.length];
    int next = 0;
    for (int i = 0; i < notes.length; i++) {
      for (; next < notes.length && notes[next].onset() - notes[i].onset() <= near; next++) {
        waiting.computeIfAbsent(notes[next].release(), _ -> new ArrayList<>()).add(next);
      }
      if (gathered[i]) {
        continue;
      }
      int release = notes[i].release();
      int latest = (int) Math.min(Integer.MAX_VALUE, (long) release + near);
      var together = waiting.subMap(release - near, true, latest, true);
      int classes = 0;
      int count = 0;
      for (List<Integer> members : together.values()) {
        for (int member : members) {
          gathered[member] = true;
          classes |= 1 << notes[member].pitch() % 12;
          count++;
        }
      }
      together.clear();
      String text = count == 1 ? noteName(notes[i].pitch()) : chordName(classes);
      words.add(new Word(quantised(notes[i].onset(), ticksPerBeat), text));
    }
  }

  /** The onset in twelfths of a beat, which hold quarters and thirds. */
  static long quantised(int tick, int ticksPerBeat) {
    long quarter = 3 * nearest(4L * tick, ticksPerBeat);
    long third = 4 * nearest(3L * tick, ticksPerBeat);
    long exact = 12L * tick;
    return Math.abs(exact - quarter * ticksPerBeat) <= Math.abs(exact - third * ticksPerBeat)
        ? quarter
        : third;
  }

  /** {@code value / unit} to the nearest whole number, halves down. */
  private static long nearest(long value, int unit) {
    return value / unit + (2 * (value % unit) > unit ? 1 : 0);
  }

  /**
   * The name of a single note, as in {@code B-3} for MIDI key 58.
   *
   * @param pitch MIDI key, 0 to 127
   */
  public static String noteName(int pitch) {
    return NAMES.get(pitch % 12) + (pitch / 12 - 1);
  }

  private static String chordName(int classes) {
    var name = new StringJoiner(".");
    for (int pitchClass : NormalOrder.of(classes)) {
      name.add(Integer.toString(pitchClass));
    }
    return name.toString();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Words follow each other every {@link #GRID_BEATS}. Chords stand in the octave of middle C,
   * where music21 puts pitch classes without an octave; a chord of one class is heard as an octave,
   * C3 and C4 for {@code 0}, so that reading the score again gives the same words.
   */
  @Override
  public Score score(String title, List<String> tokens) {
    int step = (int) (GRID_BEATS * TICKS_PER_BEAT);
    var notes = new ArrayList<Note>();
    for (int i = 0; i < tokens.size(); i++) {
      for (int pitch : pitches(tokens.get(i))) {
        notes.add(new Note(pitch, i * step, step, VELOCITY));
      }
    }
    return new Score(
        title,
        TICKS_PER_BEAT,
        List.of(new Part("", notes)),
        List.of(new Tempo(0, BEATS_PER_MINUTE)));
  }

  /** {@inheritDoc} They begin with the first whole beat after its last release. */
  @Override
  public Score continuation(Score primer, List<String> heard, List<String> added) {
    long shift = Math.ceilDiv((long) primer.lastTick(), primer.ticksPerBeat()) * TICKS_PER_BEAT;
    Score alone = score("", added);
    if (alone.lastTick() > Integer.MAX_VALUE - shift) {
      throw new IllegalArgumentException(
          "The primer lasts %d beats, which leaves no room for more; give a shorter one"
              .formatted(shift / TICKS_PER_BEAT));
    }
    return alone.later((int) shift);
  }

  /** {@inheritDoc} No note stands in for another. */
  @Override
  public Optional<String> nearest(String word, Vocabulary vocabulary) {
    return Optional.empty();
  }

  @Override
  public Reading reading(Vocabulary vocabulary) {
    return new SeedReading(vocabulary);
  }

  /**
   * The MIDI keys a word is heard as.
   *
   * @throws IllegalArgumentException if {@code token} is neither a note nor a chord
   */
  public static int[] pitches(String token) {
    int[] pitches =
        !token.isEmpty() && Character.isDigit(token.charAt(0)) ? chord(token) : note(token);
    if (pitches.length == 0) {
      throw new IllegalArgumentException(
          "SeedTokenizer: \""
              + token
              + "\" is no seed token, expected a note such as E-4 or a chord such as 4.7.11");
    }
    return pitches;
  }

  private static int[] chord(String token) {
    String[] classes = token.split("\\.", -1);
    int[] pitches = new int[classes.length];
    for (int i = 0; i < classes.length; i++) {
      if (!classes[i].matches("[0-9]|1[01]")) {
        return new int[0];
      }
      pitches[i] = MIDDLE_C + Integer.parseInt(classes[i]);
    }
    if (pitches.length == 1) {
      return new int[] {pitches[0] - 12, pitches[0]};
    }
    Arrays.sort(pitches);
    return pitches;
  }

  private static int[] note(String token) {
    // "E-1" is E flat 1 and E natural −1; the latter lies below the piano, so the longer name wins.
    for (int length = Math.min(2, token.length() - 1); length > 0; length--) {
      int pitchClass = NAMES.indexOf(token.substring(0, length));
      String octave = token.substring(length);
      if (pitchClass >= 0 && octave.matches("-1|[0-9]")) {
        int pitch = (Integer.parseInt(octave) + 1) * 12 + pitchClass;
        return pitch <= 127 ? new int[] {pitch} : new int[0];
      }
    }
    return new int[0];
  }
}
