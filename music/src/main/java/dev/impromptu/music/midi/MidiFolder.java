package dev.impromptu.music.midi;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The MIDI files of a folder: those ending in {@code .mid}, {@code .midi} or {@code .rmi} in any
 * case, not those of its subfolders, sorted by name.
 *
 * @param files what was read
 * @param skipped what was not, and why
 */
public record MidiFolder(List<MidiFile> files, List<Skipped> skipped) {
  /** To make a data set of so many takes 300 MB; a long piece has a hundred thousand. */
  private static final int MOST_TOKENS = 5_000_000;

  /** Rhythm tokens for a note, at most. */
  private static final long TOKENS_OF_A_NOTE = 20;

  /** Rhythm tokens for the rest before one, at most. */
  private static final long TOKENS_OF_A_REST = 64;

  /**
   * A file that was not read.
   *
   * @param name its name
   * @param reason a sentence, beginning with the name
   */
  public record Skipped(String name, String reason) implements Outcome {}

  /** Copies the lists. */
  public MidiFolder {
    files = List.copyOf(files);
    skipped = List.copyOf(skipped);
  }

  /**
   * Reads a folder. A file that is no MIDI, holds no notes, or so many that they may take more than
   * five million tokens, is skipped.
   *
   * @throws MidiException if there is no such folder, it holds no MIDI file, or none of them could
   *     be read
   * @throws IOException if the folder cannot be listed
   */
  public static MidiFolder read(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new MidiException(
          folder
              + (Files.exists(folder) ? ": is a file" : ": there is no such folder")
              + ", expected a folder of MIDI files");
    }
    List<Path> paths;
    try (var entries = Files.list(folder)) {
      paths =
          entries
              .filter(path -> isMidi(path.getFileName().toString()) && !Files.isDirectory(path))
              .sorted(Comparator.comparing(path -> path.getFileName().toString()))
              .toList();
    }
    if (paths.isEmpty()) {
      throw new MidiException(
          folder + ": holds no MIDI file, expected files ending in .mid, .midi or .rmi");
    }
    var files = new ArrayList<MidiFile>();
    var skipped = new ArrayList<Skipped>();
    for (Outcome outcome : paths.parallelStream().map(MidiFolder::readOne).toList()) {
      switch (outcome) {
        case Usable(MidiFile file) -> files.add(file);
        case Skipped reason -> skipped.add(reason);
      }
    }
    if (files.isEmpty()) {
      throw new MidiException(
          folder
              + ": none of its "
              + paths.size()
              + " MIDI files could be used; the first: "
              + skipped.getFirst().reason());
    }
    return new MidiFolder(files, skipped);
  }

  private sealed interface Outcome {}

  private record Usable(MidiFile file) implements Outcome {}

  private static Outcome readOne(Path path) {
    String name = path.getFileName().toString();
    try {
      MidiFile file = MidiReader.read(path);
      long notes = file.score().noteCount();
      if (notes == 0) {
        return new Skipped(name, name + ": holds no notes");
      }
      long beats = file.score().lastTick() / file.score().ticksPerBeat();
      long tokens = TOKENS_OF_A_NOTE * notes + Math.min(TOKENS_OF_A_REST * notes, beats);
      return tokens > MOST_TOKENS
          ? new Skipped(
              name,
              name
                  + ": holds "
                  + notes
                  + " notes in "
                  + beats
                  + " beats, which may take more than "
                  + MOST_TOKENS
                  + " tokens; cut it into shorter pieces")
          : new Usable(file);
    } catch (IOException e) {
      return new Skipped(name, reason(name, e));
    }
  }

  private static String reason(String name, IOException e) {
    return switch (e) {
      case MidiException _ -> String.valueOf(e.getMessage());
      case AccessDeniedException _ -> name + ": access is denied";
      default -> name + ": cannot be read";
    };
  }

  private static boolean isMidi(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".mid") || lower.endsWith(".midi") || lower.endsWith(".rmi");
  }
}
