package dev.impromptu.examples.cli;

import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small MIDI files for tests. */
final class Tunes {
  static final int TICKS = 480;
  private static final int[] SCALE = {60, 62, 64, 65, 67, 69, 71};

  private Tunes() {}

  /** A tune that goes up and down a scale, from another step for each number. */
  static Score tune(int number, int length) {
    List<Note> notes = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      int step = (number + i * (1 + i / 7 % 2)) % SCALE.length;
      notes.add(new Note(SCALE[step], i * TICKS, TICKS, 80));
    }
    return new Score(
        "tune " + number, TICKS, List.of(new Part("", notes)), List.of(new Tempo(0, 100)));
  }

  /** Keys struck one after the other. */
  static Score keys(double beatsPerMinute, int[]... chords) {
    List<Note> notes = new ArrayList<>();
    for (int i = 0; i < chords.length; i++) {
      for (int key : chords[i]) {
        notes.add(new Note(key, i * TICKS, TICKS, 70));
      }
    }
    return new Score(
        "keys", TICKS, List.of(new Part("", notes)), List.of(new Tempo(0, beatsPerMinute)));
  }

  /** A folder of ten tunes. */
  static Path folder(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (int i = 0; i < 10; i++) {
      MidiWriter.write(tune(i, 60 + i), folder.resolve("tune-" + i + ".mid"));
    }
    return folder;
  }

  /** A model that was trained for a moment on the tunes of a folder, in seed tokens. */
  static Path model(Path folder, Path model) {
    return model(folder, "seed", model);
  }

  /** The same in other tokens. */
  static Path model(Path folder, String tokens, Path model) {
    return model(folder, tokens, 1, model);
  }

  /** The same without the tokens seen fewer times than {@code minCount}. */
  static Path model(Path folder, String tokens, int minCount, Path model) {
    Ran.impromptu(
            "train",
            "--midi",
            folder,
            "--tokens",
            tokens,
            "--min-count",
            minCount,
            "--out",
            model,
            "--size",
            "small",
            "--epochs",
            1,
            "--limit-windows",
            40)
        .well();
    return model;
  }
}
