package dev.impromptu.music.data;

import dev.impromptu.io.AtomicFiles;
import dev.impromptu.music.token.Vocabulary;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes a data set as comma-separated values (RFC 4180, but with single line feeds): {@code
 * notes.csv} with columns id, token and count, and {@code trainset.csv}, {@code validationset.csv}
 * and {@code testset.csv} with columns x and future, each a list of ids between spaces.
 */
public final class DatasetCsv {
  private DatasetCsv() {}

  /**
   * Writes the four files to {@code folder}, which is made if need be. Each is there whole or not
   * at all.
   *
   * @throws IOException if a file cannot be written
   */
  public static void write(MusicDataset dataset, Path folder) throws IOException {
    file(folder.resolve("notes.csv"), out -> notes(dataset.vocabulary(), out));
    for (DatasetPart part : dataset.parts()) {
      file(folder.resolve(part.name() + "set.csv"), out -> windows(part.windows(), out));
    }
  }

  @FunctionalInterface
  private interface Rows {
    void writeTo(Writer out) throws IOException;
  }

  private static void file(Path file, Rows rows) throws IOException {
    AtomicFiles.write(
        file,
        out -> {
          var writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          rows.writeTo(writer);
          writer.flush();
        });
  }

  private static void notes(Vocabulary vocabulary, Writer out) throws IOException {
    out.write("id,token,count\n");
    for (int id = 0; id < vocabulary.size(); id++) {
      out.write(id + "," + quoted(vocabulary.token(id)) + "," + vocabulary.count(id) + "\n");
    }
  }

  private static void windows(Windows windows, Writer out) throws IOException {
    out.write("x,future\n");
    int[] x = new int[windows.contextLength()];
    int[] future = new int[windows.future()];
    var line = new StringBuilder();
    for (int window = 0; window < windows.size(); window++) {
      windows.copy(window, x, 0, future, 0);
      line.setLength(0);
      spaced(x, line).append(',');
      spaced(future, line).append('\n');
      out.append(line);
    }
  }

  private static StringBuilder spaced(int[] ids, StringBuilder line) {
    for (int i = 0; i < ids.length; i++) {
      if (i > 0) {
        line.append(' ');
      }
      line.append(ids[i]);
    }
    return line;
  }

  static String quoted(String field) {
    boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? field : '"' + field.replace("\"", "\"\"") + '"';
  }
}
