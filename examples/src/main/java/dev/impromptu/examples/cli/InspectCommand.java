package dev.impromptu.examples.cli;

import dev.impromptu.music.midi.MidiFile;
import dev.impromptu.music.midi.MidiReader;
import dev.impromptu.music.render.MelodyAnalysis;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says what the reader makes of a file. */
@Command(
    name = "inspect",
    description = {
      "Say what was found in a MIDI file and what had to be repaired to read it.",
      "The melody_ figures are jMusic's statistics of the highest notes, from 0 to 1."
    })
final class InspectCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "FILE.mid", description = "The file to read.")
  private Path file = Path.of("");

  InspectCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    MidiFile midi = MidiReader.read(file);
    Score score = midi.score();
    session.figure("file", file);
    session.figure("format", midi.format());
    session.figure("ticks_per_beat", score.ticksPerBeat());
    session.figure("tracks", midi.trackCount());
    session.figure("notes", score.noteCount());
    session.figure("distinct_pitches", Scores.distinctPitches(score));
    session.figure("seconds", midi.seconds(), 1);
    session.figure("pedal_presses", midi.pedalCount());
    session.figure("tempo_marks", score.tempos().size());
    if (!score.tempos().isEmpty()) {
      session.figure("slowest_tempo", tempo(score, false), 1);
      session.figure("fastest_tempo", tempo(score, true), 1);
    }
    int track = 1;
    for (Part part : score.parts()) {
      session.figure(
          "track_" + track++,
          String.format(
              Locale.ROOT,
              "%d notes%s",
              part.notes().size(),
              part.name().isBlank() ? "" : ", " + Scores.printable(part.name())));
    }
    tellMelody(score);
    session.figure("repairs", midi.repairs().size());
    midi.repairs().forEach(repair -> session.figure("repair", Scores.printable(repair)));
    return 0;
  }

  private void tellMelody(Score score) {
    Map<String, Double> melody = MelodyAnalysis.of(score);
    if (!melody.isEmpty()) {
      session.figure("key", named(MelodyAnalysis.key(score)));
      int length = MelodyAnalysis.length(score);
      session.figure(
          "melody_notes",
          length > MelodyAnalysis.MOST_NOTES
              ? "the first %d of %d".formatted(MelodyAnalysis.MOST_NOTES, length)
              : length);
    }
    melody.forEach((name, value) -> session.figure("melody_" + name, value, 3));
  }

  private static String named(MelodyAnalysis.Key key) {
    List<String> names = List.of("C C# D E- E F F# G A- A B- B".split(" "));
    return names.get(key.tonic()) + (key.minor() ? " minor" : " major");
  }

  private static double tempo(Score score, boolean fastest) {
    var tempos = score.tempos().stream().mapToDouble(Tempo::beatsPerMinute);
    return (fastest ? tempos.max() : tempos.min()).orElse(0);
  }
}
