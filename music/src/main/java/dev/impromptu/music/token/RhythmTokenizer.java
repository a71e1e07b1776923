package dev.impromptu.music.token;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import dev.impromptu.music.score.TempoMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/**
 * Words that keep octave, voicing, rhythm and loudness: {@code t96 | v4 d12 n60 n64 p12 n67} is, at
 * 96 beats a minute and after an empty beat, two keys at once and half a beat later a third, each
 * half a beat long.
 *
 * <ul>
 *   <li>{@code |} begins the next beat, {@code p12} goes on within it, in 24ths of a beat;
 *   <li>{@code n60} strikes a key; the keys of a chord ascend;
 *   <li>{@code v4} (loudness, in steps of 16) and {@code d12} (length, in 24ths of a beat; each
 *       {@code h} before it adds four beats) hold from there on, so most notes need neither;
 *   <li>{@code t96}, the mean tempo, may stand at the very beginning.
 * </ul>
 *
 * <p>Onsets and lengths move by at most 1/24 beat and velocities by at most 8. Lost are: tempo
 * changes, the pedal, which hand plays, the second of two equal keys struck at once, rests beyond
 * 64 beats and the end of notes longer than 64 beats.
 */
public final class RhythmTokenizer implements Tokenizer {
  /** The name on the command line and in {@code model.json}. */
  public static final String NAME = "rhythm";

  private static final int TICKS_PER_UNIT = 20;
  private static final int TICKS_PER_BEAT = TICKS_PER_UNIT * RhythmGrid.UNITS;
  private static final int TEMPO_STEP = 4;
  private static final long LONGEST = (RhythmPen.MOST_HOLDS + 1L) * RhythmGrid.LONGEST;

  /** A note on the grid. */
  private record Struck(long onset, int key, int length, int loudness) {}

  /** Makes one; it has no settings and no state. */
  public RhythmTokenizer() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> tokens(Score score) {
    var writer = new Writer();
    TempoMap.meanBeatsPerMinute(score)
        .ifPresent(
            mean ->
                writer.write(
                    new RhythmToken.Tempo(
                        Math.clamp(
                            TEMPO_STEP * Math.round(mean / TEMPO_STEP),
                            RhythmToken.Tempo.SLOWEST,
                            RhythmToken.Tempo.FASTEST))));
    Struck last = null;
    for (Struck note : struck(score)) {
      // Of equal keys at once the longest comes first, and it alone is kept.
      if (last == null || last.onset != note.onset || last.key != note.key) {
        writer.note(note);
        last = note;
      }
    }
    return writer.words;
  }

  private static List<Struck> struck(Score score) {
    var notes = new ArrayList<Struck>();
    for (Part part : score.parts()) {
      for (Note note : part.notes()) {
        notes.add(
            new Struck(
                RhythmGrid.onset(note.onset(), score.ticksPerBeat()),
                note.pitch(),
                (int) Math.min(LONGEST, RhythmGrid.length(note.duration(), score.ticksPerBeat())),
                RhythmToken.Loudness.of(note.velocity()).step()));
      }
    }
    notes.sort(
        Comparator.comparingLong(Struck::onset)
            .thenComparingInt(Struck::key)
            .thenComparing(Comparator.comparingInt(Struck::length).reversed()));
    return notes;
  }

  /** Says of each note what is not yet said. */
  private static final class Writer {
    final List<String> words = new ArrayList<>();
    private final RhythmPen pen = new RhythmPen();
    private long beat;

    void write(RhythmToken token) {
      pen.write(token);
      words.add(token.text());
    }

    void note(Struck note) {
      long nextBeat = note.onset / RhythmGrid.UNITS;
      long beats = Math.min(RhythmPen.MOST_EMPTY_BEATS, nextBeat - beat);
      beat = nextBeat;
      for (long i = 0; i < beats; i++) {
        write(new RhythmToken.Beat());
      }
      int position = (int) (note.onset % RhythmGrid.UNITS);
      if (position > pen.time() % RhythmGrid.UNITS) {
        write(new RhythmToken.Position(position));
      }
      if (note.loudness != pen.loudness()) {
        write(new RhythmToken.Loudness(note.loudness));
      }
      if (note.length != pen.length()) {
        int holds = (note.length - 1) / RhythmGrid.LONGEST;
        for (int i = 0; i < holds; i++) {
          write(new RhythmToken.Hold());
        }
        write(new RhythmToken.Length(note.length - holds * RhythmGrid.LONGEST));
      }
      write(new RhythmToken.Strike(note.key));
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Where the tokens do not say, notes are half a beat long and of velocity 72, and no tempo is
   * marked.
   */
  @Override
  public Score score(String title, List<String> tokens) {
    var pen = new RhythmPen();
    var notes = new ArrayList<Note>();
    var tempos = new ArrayList<Tempo>();
    for (String text : tokens) {
      RhythmToken token = RhythmToken.of(text);
      switch (token) {
        case RhythmToken.Tempo(int beatsPerMinute) when !pen.begun() ->
            tempos.add(new Tempo(0, beatsPerMinute));
        case RhythmToken.Strike(int key) -> notes.add(pen.note(key, TICKS_PER_UNIT));
        default -> {}
      }
      pen.write(token);
    }
    return new Score(title, TICKS_PER_BEAT, List.of(new Part("", notes)), tempos);
  }

  /**
   * {@inheritDoc}
   *
   * <p>They go on in the rhythm of the primer, which may still sound, and come as much later as its
   * tokens shorten its rests. As on a piano, a key that is struck again while it sounds ends the
   * earlier of its notes.
   */
  @Override
  public Score continuation(Score primer, List<String> heard, List<String> added) {
    var all = new ArrayList<>(heard);
    all.addAll(added);
    Score whole = score("", all);
    List<Note> notes = whole.parts().getFirst().notes();
    int played = score("", heard).noteCount();
    long later = played == 0 ? 0 : Math.max(0, lastOnset(primer) - notes.get(played - 1).onset());
    if (later > Integer.MAX_VALUE - whole.lastTick()) {
      throw new IllegalArgumentException(
          "The last note of the primer begins after %d beats, which leaves no room for more; give a shorter one"
              .formatted(lastOnset(primer) / TICKS_PER_BEAT));
    }
    var following = new Part("", released(notes.subList(played, notes.size())));
    return new Score("", TICKS_PER_BEAT, List.of(following), List.of()).later((int) later);
  }

  /** On the grid, in ticks of this tokenizer's. */
  private static long lastOnset(Score score) {
    return struck(score).stream().mapToLong(Struck::onset).max().orElse(0) * TICKS_PER_UNIT;
  }

  /** Each ends at the latest where its key is struck again. */
  private static List<Note> released(List<Note> notes) {
    var released = new ArrayList<Note>();
    var again = new HashMap<Integer, Integer>();
    for (Note note : notes.reversed()) {
      int next = again.getOrDefault(note.pitch(), note.release());
      boolean early = next > note.onset() && next < note.release();
      released.add(
          early
              ? new Note(note.pitch(), note.onset(), next - note.onset(), note.velocity())
              : note);
      again.put(note.pitch(), note.onset());
    }
    return released.reversed();
  }

  /** {@inheritDoc} It has one for tempos, of two equally near ones the slower. */
  @Override
  public Optional<String> nearest(String word, Vocabulary vocabulary) {
    if (!(RhythmToken.of(word) instanceof RhythmToken.Tempo(int wanted))) {
      return Optional.empty();
    }
    return vocabulary.tokens().stream()
        .map(RhythmToken::of)
        .filter(RhythmToken.Tempo.class::isInstance)
        .map(RhythmToken.Tempo.class::cast)
        .min(
            Comparator.<RhythmToken.Tempo>comparingInt(
                    tempo -> Math.abs(tempo.beatsPerMinute() - wanted))
                .thenComparingInt(RhythmToken.Tempo::beatsPerMinute))
        .map(RhythmToken.Tempo::text);
  }

  @Override
  public Reading reading(Vocabulary vocabulary) {
    return new RhythmReading(vocabulary);
  }
}
