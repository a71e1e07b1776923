package dev.impromptu.music;

import dev.impromptu.music.midi.MidiFile;
import dev.impromptu.music.midi.MidiFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The pieces of the original project, for tests run with {@code -Dimpromptu.schubert=FOLDER}. */
public final class Schubert {
  /** The property that names the folder. */
  public static final String PROPERTY = "impromptu.schubert";

  private static final Pattern PIECE = Pattern.compile("\"([^\"]+\\.mid)\":\\[([^\\]]*)\\]");
  private static final Pattern TOKEN = Pattern.compile("\"([^\"]*)\"");

  private Schubert() {}

  private static Path folder() {
    return Path.of(System.getProperty(PROPERTY, ""));
  }

  public static List<MidiFile> files() throws IOException {
    return MidiFolder.read(folder()).files();
  }

  public static Map<String, List<String>> goldenTokens() throws IOException {
    var pieces = new LinkedHashMap<String, List<String>>();
    var piece = PIECE.matcher(Files.readString(folder().resolve("golden-tokens.json")));
    while (piece.find()) {
      var tokens = new ArrayList<String>();
      var token = TOKEN.matcher(piece.group(2));
      while (token.find()) {
        tokens.add(token.group(1));
      }
      pieces.put(piece.group(1), tokens);
    }
    return pieces;
  }
}
