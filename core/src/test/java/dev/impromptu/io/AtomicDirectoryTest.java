package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {
  @TempDir Path parent;
  private Path target;

  @BeforeEach
  void setUp() throws IOException {
    parent = parent.toRealPath();
    target = parent.resolve("best");
  }

  @Test
  void writesANewDirectoryAndReplacesAnOldOne() throws IOException {
    AtomicDirectory.replace(target, directory -> fill(directory, "1"));
    assertEquals("1", content());
    Files.writeString(target.resolve("stale"), "gone with the old");

    AtomicDirectory.replace(target, directory -> fill(directory, "2"));

    assertEquals("2", content());
    assertFalse(Files.exists(target.resolve("stale")));
    assertEquals(List.of("best"), names());
  }

  @Test
  void theOldContentSurvivesAWriterThatFails() throws IOException {
    AtomicDirectory.replace(target, directory -> fill(directory, "old"));

    for (RuntimeException failure :
        List.of(new IllegalStateException("bug"), new UncheckedIOException(new IOException()))) {
      assertEquals(
          failure,
          assertThrows(
              RuntimeException.class,
              () ->
                  AtomicDirectory.replace(
                      target,
                      directory -> {
                        fill(directory, "half");
                        throw failure;
                      })));
      assertEquals("old", content());
      assertEquals(List.of("best"), names());
    }
  }

  @Test
  void aWriterThatFailsLeavesNoNewDirectory() throws IOException {
    assertThrows(
        IOException.class,
        () ->
            AtomicDirectory.replace(
                target,
                directory -> {
                  throw new IOException("disk");
                }));
    assertEquals(List.of(), names());
  }

  @Test
  void aCrashBeforeTheSwapLeavesTheOldContent() throws IOException {
    fill(Files.createDirectory(target), "old");
    fill(Files.createDirectory(AtomicFiles.temporary(target)), "half");

    assertEquals("old", AtomicDirectory.read(target, AtomicDirectoryTest::content));

    AtomicDirectory.replace(target, directory -> fill(directory, "new"));
    assertEquals("new", content());
    assertEquals(List.of("best"), names());
  }

  @Test
  void aCrashBetweenTheTwoMovesBringsTheOldContentBack() throws IOException {
    fill(Files.createDirectory(AtomicDirectory.aside(target)), "old");
    fill(Files.createDirectory(AtomicFiles.temporary(target)), "new");

    assertEquals("old", AtomicDirectory.read(target, AtomicDirectoryTest::content));

    assertTrue(Files.isDirectory(target));
    assertFalse(Files.exists(AtomicDirectory.aside(target)));
  }

  @Test
  void aCrashAfterTheSwapLeavesTheNewContent() throws IOException {
    fill(Files.createDirectory(AtomicDirectory.aside(target)), "old");
    fill(Files.createDirectory(target), "new");

    assertEquals("new", AtomicDirectory.read(target, AtomicDirectoryTest::content));

    AtomicDirectory.replace(target, directory -> fill(directory, "newer"));
    assertEquals("newer", content());
    assertEquals(List.of("best"), names());
  }

  @Test
  void aFailedWriterAfterACrashStillFindsTheOldContent() throws IOException {
    fill(Files.createDirectory(AtomicDirectory.aside(target)), "old");

    assertThrows(
        IOException.class,
        () ->
            AtomicDirectory.replace(
                target,
                directory -> {
                  throw new IOException("disk");
                }));

    assertEquals("old", content());
    assertEquals(List.of("best"), names());
  }

  @Test
  void readingAgainAfterAReplacementNeverMixesOldAndNew() throws IOException {
    AtomicDirectory.replace(target, directory -> fill(directory, "old"));
    AtomicInteger readings = new AtomicInteger();

    String read =
        AtomicDirectory.read(
            target,
            directory -> {
              String first = Files.readString(directory.resolve("a"));
              if (readings.incrementAndGet() == 1) {
                AtomicDirectory.replace(target, fresh -> fill(fresh, "new"));
              }
              return first + Files.readString(directory.resolve("deep/b"));
            });

    assertEquals("newnew", read);
    assertEquals(2, readings.get());
  }

  @Test
  void aReplacementExcusesTheReadersError() throws IOException {
    AtomicDirectory.replace(target, directory -> fill(directory, "old"));
    AtomicInteger readings = new AtomicInteger();

    String read =
        AtomicDirectory.read(
            target,
            directory -> {
              if (readings.incrementAndGet() == 1) {
                AtomicDirectory.replace(target, fresh -> fill(fresh, "new"));
                throw new JsonException("mixed");
              }
              return content(directory);
            });

    assertEquals("new", read);
    assertThrows(
        JsonException.class,
        () ->
            AtomicDirectory.read(
                target,
                directory -> {
                  throw new JsonException("wrong for good");
                }));
  }

  @Test
  void aReaderThatIsAlwaysOvertakenGivesUp() throws IOException {
    AtomicDirectory.replace(target, directory -> fill(directory, "0"));

    assertThrows(
        FileSystemException.class,
        () ->
            AtomicDirectory.read(
                target,
                directory -> {
                  AtomicDirectory.replace(target, fresh -> fill(fresh, "x"));
                  return "";
                }));
  }

  @Test
  void readersBesideAWriterAlwaysSeeOneState() throws Exception {
    AtomicDirectory.replace(target, directory -> fill(directory, "0"));
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    for (int i = 1; i <= 100; i++) {
                      String text = Integer.toString(i);
                      AtomicDirectory.replace(target, directory -> fill(directory, text));
                    }
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    int readings = 0;
    while (writer.isAlive()) {
      try {
        AtomicDirectory.read(target, AtomicDirectoryTest::content);
        readings++;
      } catch (FileSystemException overtaken) {
        assertTrue(overtaken.getMessage().contains("while it was read"), overtaken::toString);
      }
    }
    writer.join();

    assertEquals("100", content());
    assertEquals(List.of("best"), names());
    assertTrue(readings > 0);
  }

  @Test
  void aLinkedDirectoryIsReplacedWhereItLies() throws IOException {
    Path link = Files.createSymbolicLink(parent.resolve("link"), Path.of("best"));

    AtomicDirectory.replace(link, directory -> fill(directory, "1"));
    AtomicDirectory.replace(link, directory -> fill(directory, "2"));

    assertTrue(Files.isSymbolicLink(link));
    assertEquals("2", content());
    Files.move(target, AtomicDirectory.aside(target));
    assertEquals("2", AtomicDirectory.read(link, AtomicDirectoryTest::content));
  }

  @Test
  void refusesFilesAndMissingDirectories() throws IOException {
    Files.writeString(target, "a file");

    assertThrows(FileSystemException.class, () -> AtomicDirectory.replace(target, d -> {}));
    assertEquals("a file", Files.readString(target));
    assertThrows(
        NoSuchFileException.class,
        () -> AtomicDirectory.read(parent.resolve("none"), AtomicDirectoryTest::content));
    assertThrows(
        NoSuchFileException.class,
        () -> AtomicDirectory.replace(parent.resolve("no/best"), d -> {}));
  }

  private static void fill(Path directory, String text) throws IOException {
    Files.writeString(directory.resolve("a"), text);
    Files.createDirectory(directory.resolve("deep"));
    Files.writeString(directory.resolve("deep/b"), text);
  }

  private static String content(Path directory) throws IOException {
    String a = Files.readString(directory.resolve("a"));
    String b = Files.readString(directory.resolve("deep/b"));
    return a.equals(b) ? a : "mixed " + a + " and " + b;
  }

  private String content() throws IOException {
    return content(target);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
