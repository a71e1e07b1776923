package dev.impromptu.music.render;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Score;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jm.music.data.Phrase;
import jm.music.tools.PhraseAnalysis;

/**
 * Statistics of the melody of a score, by jMusic's {@code PhraseAnalysis}. The melody is the
 * highest of the notes that begin at once, each lasting until the next, and rests where nothing
 * begins for more than {@value #LONGEST_NOTE} beats; times are rounded to eighths of a beat.
 *
 * <p>Source of the statistics: M. Towsey and others, <i>Towards melodic extension using genetic
 * algorithms</i> (2001).
 */
public final class MelodyAnalysis {
  /** The notes of a melody that are looked at: the work grows with the square of their number. */
  public static final int MOST_NOTES = 10_000;

  private static final double QUANTUM = 0.125;
  private static final double LONGEST_NOTE = 4;
  private static final int OCTAVE = 12;

  /** Krumhansl and Kessler's weights of the degrees of a major and a minor key (1982). */
  private static final double[] MAJOR = {
    6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88
  };

  private static final double[] MINOR = {
    6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17
  };

  /**
   * A key.
   *
   * @param tonic pitch class, 0 for C
   * @param minor whether it is a minor key
   */
  public record Key(int tonic, boolean minor) {}

  private MelodyAnalysis() {}

  /** The number of notes of the melody. */
  public static int length(Score score) {
    return melody(score).size();
  }

  /**
   * The statistics of the first {@value #MOST_NOTES} notes of the melody by name, such as {@code
   * pitch_variety}, each between 0 and 1; none for a melody of fewer than two notes.
   */
  public static Map<String, Double> of(Score score) {
    List<Note> whole = melody(score);
    List<Note> melody = whole.subList(0, Math.min(MOST_NOTES, whole.size()));
    var statistics = new LinkedHashMap<String, Double>();
    if (melody.size() < 2) {
      return statistics;
    }
    Key key = key(score);
    double[] values =
        PhraseAnalysis.getAllStatisticsAsDoubles(
            phrase(melody, score.ticksPerBeat()),
            QUANTUM,
            key.tonic(),
            key.minor() ? PhraseAnalysis.MINOR_SCALE : PhraseAnalysis.MAJOR_SCALE);
    for (int i = 0; i < values.length; i++) {
      // jMusic tells with a negative number that a statistic has no meaning here, such as the range
      // of a melody that only rises, in which it finds no lowest note.
      if (values[i] >= 0) {
        statistics.put(name(PhraseAnalysis.featureNames[i]), values[i]);
      }
    }
    return statistics;
  }

  /** "02 - Pitch Range" is pitch_range. */
  private static String name(String feature) {
    return feature.replaceFirst("^\\d+ - ", "").toLowerCase(Locale.ROOT).replace(' ', '_');
  }

  /**
   * The key whose weights fit the lengths of the notes best.
   *
   * <p>Source: C. Krumhansl, <i>Cognitive Foundations of Musical Pitch</i> (1990), chapter 4.
   */
  public static Key key(Score score) {
    double[] sounding = new double[OCTAVE];
    for (var part : score.parts()) {
      for (Note note : part.notes()) {
        sounding[note.pitch() % OCTAVE] += note.duration();
      }
    }
    Key best = new Key(0, false);
    double bestFit = Double.NEGATIVE_INFINITY;
    for (int tonic = 0; tonic < OCTAVE; tonic++) {
      for (boolean minor : new boolean[] {false, true}) {
        double fit = correlation(sounding, minor ? MINOR : MAJOR, tonic);
        if (fit > bestFit) {
          bestFit = fit;
          best = new Key(tonic, minor);
        }
      }
    }
    return best;
  }

  private static double correlation(double[] sounding, double[] weights, int tonic) {
    double meanSounding = mean(sounding);
    double meanWeight = mean(weights);
    double product = 0;
    double squares = 0;
    for (int degree = 0; degree < OCTAVE; degree++) {
      double weight = weights[degree] - meanWeight;
      product += (sounding[(tonic + degree) % OCTAVE] - meanSounding) * weight;
      squares += weight * weight;
    }
    // What all keys have in common, the spread of the sounding lengths, decides nothing.
    return product / Math.sqrt(squares);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** The highest note at each onset, by onset. */
  private static List<Note> melody(Score score) {
    List<Note> notes =
        score.parts().stream()
            .flatMap(part -> part.notes().stream())
            .sorted(
                Comparator.comparingLong((Note note) -> quanta(note.onset(), score.ticksPerBeat()))
                    .thenComparingInt(Note::pitch))
            .toList();
    List<Note> melody = new ArrayList<>();
    for (Note note : notes) {
      if (!melody.isEmpty()
          && quanta(melody.getLast().onset(), score.ticksPerBeat())
              == quanta(note.onset(), score.ticksPerBeat())) {
        melody.removeLast();
      }
      melody.add(note);
    }
    return melody;
  }

  private static Phrase phrase(List<Note> melody, int ticksPerBeat) {
    var phrase = new Phrase(0.0);
    for (int i = 0; i < melody.size(); i++) {
      Note note = melody.get(i);
      int until = i + 1 < melody.size() ? melody.get(i + 1).onset() : note.release();
      double beats =
          QUANTUM * Math.max(1, quanta(until, ticksPerBeat) - quanta(note.onset(), ticksPerBeat));
      double length = Math.min(beats, LONGEST_NOTE);
      phrase.addNote(new jm.music.data.Note(note.pitch(), length, note.velocity()));
      if (beats > length) {
        phrase.addNote(new jm.music.data.Note(jm.music.data.Note.REST, beats - length));
      }
    }
    return phrase;
  }

  private static long quanta(int tick, int ticksPerBeat) {
    return Math.round(tick / (QUANTUM * ticksPerBeat));
  }
}
