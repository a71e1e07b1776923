package dev.impromptu.music.songbook;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The pieces that come with the library: public-domain works, encoded by the project itself. */
public final class Songbook {
  private static final List<String> IDS =
      List.of(
          "schubert-d780-3",
          "schubert-d780-6",
          "schubert-d899-3",
          "schubert-d899-4",
          "schubert-d935-2",
          "schubert-d935-3",
          "schubert-d960-1",
          "schubert-d960-2",
          "bach-prelude-c",
          "beethoven-fur-elise",
          "petzold-minuet-g");

  private Songbook() {}

  /**
   * Reads all pieces, Schubert first.
   *
   * @return a new list on each call; the same pieces, in the same order
   * @throws SongbookException when a piece in the jar cannot be read, which the tests rule out
   */
  public static List<SongbookPiece> pieces() {
    return IDS.stream().map(id -> SongbookParser.parse(id + ".song", text(id + ".song"))).toList();
  }

  private static String text(String name) {
    try (var in = Songbook.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("songbook: " + name + " is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
