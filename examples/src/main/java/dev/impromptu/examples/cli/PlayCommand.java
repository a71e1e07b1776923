package dev.impromptu.examples.cli;

import dev.impromptu.music.midi.MidiFile;
import dev.impromptu.music.midi.MidiReader;
import dev.impromptu.music.render.Player;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Plays a file aloud. */
@Command(name = "play", description = "Play a MIDI file aloud; Ctrl-C stops.")
final class PlayCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "FILE.mid", description = "What to play.")
  private Path file = Path.of("");

  PlayCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    MidiFile midi = MidiReader.read(file);
    if (midi.score().noteCount() == 0) {
      throw new InputException(file + " holds no notes, expected some to play; give another");
    }
    session.figure("seconds", midi.seconds(), 1);
    Player.play(midi.score());
    return 0;
  }
}
