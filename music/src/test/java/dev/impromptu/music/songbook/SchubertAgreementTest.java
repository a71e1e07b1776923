package dev.impromptu.music.songbook;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.score.Note;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import javax.sound.midi.InvalidMidiDataException;
import javax.sound.midi.MidiSystem;
import javax.sound.midi.ShortMessage;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares the Schubert pieces with Bernd Krueger's transcriptions (piano-midi.de), which are not
 * part of the project: run with {@code -Dimpromptu.schubert=DIR}. Those files play the repeats, so
 * each printed passage is looked up where it sounds first.
 */
@EnabledIfSystemProperty(named = "impromptu.schubert", matches = ".+")
class SchubertAgreementTest {
  private static final double REQUIRED = 98;
  private static final int GRID = 60;
  private static final int IN_TIME = 100;

  /** From printed tick {@code printed} on, the MIDI file is {@code shift} ticks behind. */
  private record Segment(int printed, int shift) {}

  private record Check(String id, String file, int end, List<Segment> segments) {
    @Override
    public String toString() {
      return id;
    }
  }

  static List<Check> checks() {
    int moment = 960;
    int waltz = 1440;
    int common = 1920;
    return List.of(
        new Check(
            "schubert-d780-3",
            "schumm-3.mid",
            54 * moment,
            List.of(
                new Segment(0, 0),
                new Segment(10 * moment, 8 * moment),
                new Segment(18 * moment, 16 * moment),
                new Segment(26 * moment, 24 * moment))),
        new Check("schubert-d780-6", "schumm-6.mid", 480 + 39 * waltz, pickup(waltz - 480)),
        new Check("schubert-d899-3", "schuim-3.mid", 8 * 3840, pickup(0)),
        new Check("schubert-d899-4", "schuim-4.mid", 18 * waltz, pickup(0)),
        new Check("schubert-d935-2", "schubert_D935_2.mid", 480 + 16 * waltz, pickup(waltz - 480)),
        new Check(
            "schubert-d935-3",
            "schubert_D935_3.mid",
            18 * common,
            List.of(
                new Segment(0, 0),
                new Segment(8 * common, 8 * common),
                new Segment(16 * common, 16 * common))),
        new Check("schubert-d960-1", "schub_d960_1.mid", 480 + 18 * common, pickup(common - 480)),
        new Check("schubert-d960-2", "schub_d960_2.mid", 17 * waltz, pickup(0)));
  }

  private static List<Segment> pickup(int restBefore) {
    return List.of(new Segment(0, restBefore));
  }

  @ParameterizedTest
  @MethodSource("checks")
  void pitchesAndOnsetsAgreeWithTheTranscription(Check check)
      throws IOException, InvalidMidiDataException {
    var ours =
        Songbook.pieces().stream()
            .filter(piece -> piece.id().equals(check.id()))
            .flatMap(piece -> piece.score().parts().stream())
            .flatMap(part -> part.notes().stream())
            .toList();
    var theirs = window(read(check.file()), check);
    int common = longestCommonSubsequence(pitches(ours), pitches(theirs));
    double pitch = 100.0 * common / Math.max(ours.size(), theirs.size());
    double time = 100.0 * inTime(ours, theirs) / ours.size();
    String figures =
        String.format(
            Locale.ROOT,
            "%-16s ours %4d, theirs %4d, pitches in common %4d: %.2f %%; same pitch at the same time: %.2f %%",
            check.id(),
            ours.size(),
            theirs.size(),
            common,
            pitch,
            time);
    System.out.println(figures);
    assertTrue(pitch >= REQUIRED && time >= REQUIRED, figures);
  }

  /** Note-ons of all tracks; the length is of no account here. */
  private static List<Note> read(String file) throws IOException, InvalidMidiDataException {
    var path = Path.of(System.getProperty("impromptu.schubert"), file);
    var notes = new ArrayList<Note>();
    for (var track : MidiSystem.getSequence(path.toFile()).getTracks()) {
      for (int i = 0; i < track.size(); i++) {
        var event = track.get(i);
        if (event.getMessage() instanceof ShortMessage message
            && message.getCommand() == ShortMessage.NOTE_ON
            && message.getData2() > 0) {
          notes.add(
              new Note(
                  message.getData1(), Math.toIntExact(event.getTick()), 0, message.getData2()));
        }
      }
    }
    return notes;
  }

  private static List<Note> window(List<Note> notes, Check check) {
    var window = new ArrayList<Note>();
    for (int i = 0; i < check.segments().size(); i++) {
      var segment = check.segments().get(i);
      int from = segment.printed();
      int to =
          i + 1 < check.segments().size() ? check.segments().get(i + 1).printed() : check.end();
      for (var note : notes) {
        int printed = note.onset() - segment.shift();
        if (printed >= from - IN_TIME && printed < to - IN_TIME) {
          window.add(new Note(note.pitch(), Math.max(0, printed), 0, note.velocity()));
        }
      }
    }
    return window;
  }

  private static int[] pitches(List<Note> notes) {
    return notes.stream()
        .sorted(
            Comparator.comparingInt((Note note) -> Math.round(note.onset() / (float) GRID))
                .thenComparingInt(Note::pitch))
        .mapToInt(Note::pitch)
        .toArray();
  }

  private static int longestCommonSubsequence(int[] a, int[] b) {
    var length = new int[a.length + 1][b.length + 1];
    for (int i = 1; i <= a.length; i++) {
      for (int j = 1; j <= b.length; j++) {
        length[i][j] =
            a[i - 1] == b[j - 1]
                ? length[i - 1][j - 1] + 1
                : Math.max(length[i - 1][j], length[i][j - 1]);
      }
    }
    return length[a.length][b.length];
  }

  private static int inTime(List<Note> ours, List<Note> theirs) {
    var left = new ArrayList<>(theirs);
    int count = 0;
    for (var note : ours) {
      var match =
          left.stream()
              .filter(
                  other ->
                      other.pitch() == note.pitch()
                          && Math.abs(other.onset() - note.onset()) <= IN_TIME)
              .min(Comparator.comparingInt(other -> Math.abs(other.onset() - note.onset())));
      if (match.isPresent()) {
        left.remove(match.get());
        count++;
      }
    }
    return count;
  }
}
