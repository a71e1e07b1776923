package dev.impromptu.music.midi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MidiFolderTest {
  @TempDir Path folder;

  private void put(String name, String events) throws IOException {
    Files.write(folder.resolve(name), new MidiBytes().header(1, 1, 480).track(events).bytes());
  }

  @Test
  void filesAreReadByNameAndTheRestIsSkippedWithAReason() throws IOException {
    String note = "00 90 3C 40 60 80 3C 00 00 FF 2F 00";
    put("b.mid", note);
    put("a.MIDI", note);
    put("c.rmi", note);
    put("silent.mid", "00 FF 2F 00");
    put("notes.txt", note);
    Files.writeString(folder.resolve("text.mid"), "Hello");
    Files.createDirectory(folder.resolve("folder.mid"));

    MidiFolder read = MidiFolder.read(folder);

    assertEquals(
        List.of("a.MIDI", "b.mid", "c.rmi"),
        read.files().stream().map(file -> file.score().title()).toList());
    assertEquals(
        List.of("silent.mid", "text.mid"),
        read.skipped().stream().map(MidiFolder.Skipped::name).toList());
    assertEquals("silent.mid: holds no notes", read.skipped().getFirst().reason());
  }

  /** Notes of three bytes, each 65 beats behind the one before. */
  private void putSparse(String name, int notes) throws IOException {
    String events = "00 90 3C 40" + "41 3C 40".repeat(notes - 1) + "00 FF 2F 00";
    Files.write(folder.resolve(name), new MidiBytes().header(1, 1, 1).track(events).bytes());
  }

  @Test
  void aFileOfMillionsOfTokensIsSkipped() throws IOException {
    putSparse("most.mid", 59_000);
    putSparse("more.mid", 60_000);
    // Two notes, the second after 268 million beats.
    Files.write(
        folder.resolve("rest.mid"),
        new MidiBytes().header(1, 1, 1).track("00 90 3C 40 FF FF FF 7F 3C 40 00 FF 2F 00").bytes());

    MidiFolder read = MidiFolder.read(folder);

    assertEquals(
        List.of("most.mid", "rest.mid"),
        read.files().stream().map(file -> file.score().title()).toList());
    assertEquals(
        List.of(
            "more.mid: holds 60000 notes in 3899935 beats, which may take more than 5000000"
                + " tokens; cut it into shorter pieces"),
        read.skipped().stream().map(MidiFolder.Skipped::reason).toList());
  }

  @Test
  void emptyMissingAndUselessFoldersAreRefused() throws IOException {
    assertMessage("holds no MIDI file", folder);
    assertMessage("there is no such folder", folder.resolve("none"));
    assertMessage("is a file", Files.writeString(folder.resolve("x.mid"), "Hello"));
    assertMessage("none of its 1 MIDI files", folder);
  }

  private static void assertMessage(String words, Path path) {
    String message =
        String.valueOf(assertThrows(MidiException.class, () -> MidiFolder.read(path)).getMessage());
    assertTrue(message.contains(words), message);
  }
}
