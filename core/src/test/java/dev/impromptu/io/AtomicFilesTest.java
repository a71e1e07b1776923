package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path directory;

  @Test
  void writesANewFileAndReplacesAnOldOne() throws IOException {
    Path file = directory.resolve("a.txt");

    AtomicFiles.write(file, out -> out.write('1'));
    assertEquals("1", Files.readString(file));
    AtomicFiles.write(file, out -> out.write('2'));
    assertEquals("2", Files.readString(file));

    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void writesMoreThanItsBuffer() throws IOException {
    byte[] content = new byte[1 << 20];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * 31 >> 3);
    }
    Path file = directory.resolve("a.bin");

    AtomicFiles.write(
        file,
        out -> {
          out.write(content, 0, 1000);
          out.write(content, 1000, content.length - 1000);
        });

    assertArrayEquals(content, Files.readAllBytes(file));
  }

  @Test
  void theOldContentSurvivesAWriterThatFails() throws IOException {
    Path file = directory.resolve("a.txt");
    Files.writeString(file, "old");

    List<Throwable> failures =
        List.of(new IOException("disk"), new IllegalStateException("bug"), new OutOfMemoryError());
    for (Throwable failure : failures) {
      Throwable thrown =
          assertThrows(
              Throwable.class,
              () ->
                  AtomicFiles.write(
                      file,
                      out -> {
                        out.write(new byte[200_000]);
                        raise(failure);
                      }));
      assertEquals(failure, thrown);
      assertEquals("old", Files.readString(file));
      assertEquals(List.of("a.txt"), names());
    }
  }

  /** The file beside it has a longer name, which the file system refuses. */
  @Test
  void whatCannotBeWrittenIsNamedAndNotTheFileBesideIt() throws IOException {
    Path file = directory.resolve("a".repeat(250));

    var thrown =
        assertThrows(
            FileSystemException.class, () -> AtomicFiles.write(file, out -> out.write('1')));

    assertEquals(file.toString(), thrown.getFile());
    assertFalse(String.valueOf(thrown.getMessage()).contains("tmp-"), thrown.getMessage());
    assertEquals(List.of(), names());
  }

  @Test
  void aWriterThatFailsLeavesNoNewFile() throws IOException {
    assertThrows(
        IOException.class,
        () ->
            AtomicFiles.write(
                directory.resolve("a.txt"),
                out -> {
                  throw new IOException("disk");
                }));
    assertEquals(List.of(), names());
  }

  @Test
  void theStreamMayBeClosed() throws IOException {
    Path file = directory.resolve("a.txt");

    AtomicFiles.write(
        file,
        out -> {
          try (Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8)) {
            writer.write("whole");
          }
        });

    assertEquals("whole", Files.readString(file));
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path file = Files.writeString(directory.resolve("a.txt"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("a.txt"));

    AtomicFiles.write(link, out -> out.write('n'));

    assertTrue(Files.isSymbolicLink(link));
    assertEquals("n", Files.readString(file));
  }

  @Test
  void makesTheDirectoriesAboveAFile() throws IOException {
    Path file = directory.resolve("new/newer/a.txt");

    AtomicFiles.write(file, out -> out.write('1'));

    assertEquals("1", Files.readString(file));
  }

  @Test
  void refusesDirectoriesFilesAsParentsAndCircularLinks() throws IOException {
    Path loop = Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));

    assertThrows(FileSystemException.class, () -> AtomicFiles.write(directory, out -> {}));
    assertThrows(
        FileSystemException.class, () -> AtomicFiles.write(directory.getRoot(), out -> {}));
    Path parent = Files.createFile(directory.resolve("file"));
    assertThrows(
        FileSystemException.class, () -> AtomicFiles.write(parent.resolve("a.txt"), out -> {}));
    assertThrows(FileSystemException.class, () -> AtomicFiles.write(loop, out -> {}));
  }

  @Test
  void whatIsHalfWrittenCanBeDeletedFromOutside() throws IOException {
    Path file = directory.resolve("a.txt");
    Files.writeString(file, "old");
    Path other = AtomicFiles.createTemporary("impromptu", ".test");

    assertThrows(
        IOException.class,
        () ->
            AtomicFiles.write(
                file,
                out -> {
                  out.write('1');
                  out.flush();
                  assertEquals(2, names().size());
                  AtomicFiles.deleteTemporaries();
                  assertEquals(List.of("a.txt"), names());
                }));

    assertEquals("old", Files.readString(file));
    assertEquals(List.of("a.txt"), names());
    assertFalse(Files.exists(other));
    AtomicFiles.deleteTemporary(other);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void raise(Throwable failure) throws IOException {
    switch (failure) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError(failure);
    }
  }
}
