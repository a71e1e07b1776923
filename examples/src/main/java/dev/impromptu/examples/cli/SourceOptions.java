package dev.impromptu.examples.cli;

import dev.impromptu.music.midi.MidiFile;
import dev.impromptu.music.midi.MidiFolder;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.songbook.Songbook;
import dev.impromptu.music.songbook.SongbookPiece;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which pieces: {@code --midi DIR} or {@code --songbook}. */
final class SourceOptions {
  @ArgGroup(multiplicity = "1")
  private Choice choice = new Choice();

  /** One of the two. */
  static final class Choice {
    @Option(
        names = "--midi",
        paramLabel = "DIR",
        required = true,
        description = "Take the MIDI files of this folder; broken ones are skipped.")
    private @Nullable Path midi;

    @Option(
        names = "--songbook",
        required = true,
        description = "Take the pieces that come with the program.")
    private boolean songbook;
  }

  /** For picocli. */
  SourceOptions() {}

  boolean isSongbook() {
    return choice.midi == null;
  }

  /** What to call it in messages. */
  String label() {
    return choice.midi == null ? "the songbook" : choice.midi.toString();
  }

  /** Reads the pieces and tells what was skipped. */
  List<Score> load(Session session) throws IOException {
    return choice.midi == null ? songbook() : folder(choice.midi, session);
  }

  /** The pieces that come with the program. */
  static List<Score> songbook() {
    return Songbook.pieces().stream().map(SongbookPiece::score).toList();
  }

  private static List<Score> folder(Path midi, Session session) throws IOException {
    MidiFolder folder = MidiFolder.read(midi);
    folder.skipped().forEach(skipped -> session.note("skipped " + skipped.reason()));
    if (!folder.skipped().isEmpty()) {
      session.figure("skipped_files", folder.skipped().size());
    }
    return folder.files().stream().map(MidiFile::score).toList();
  }
}
