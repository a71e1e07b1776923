package dev.impromptu.music.midi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Tempo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MidiReaderTest {
  private static final String END = "00 FF 2F 00";
  private static final String C4 = "00 90 3C 40  60 80 3C 00 ";
  private static final List<Note> ONE_C4 = List.of(new Note(60, 0, 96, 64));

  private static MidiBytes one(String events) {
    return new MidiBytes().header(1, 1, 480).track(events);
  }

  private static List<Note> notes(MidiFile file) {
    return file.score().parts().stream().flatMap(part -> part.notes().stream()).toList();
  }

  private static void assertOneRepair(MidiFile file, String words) {
    assertEquals(1, file.repairs().size(), () -> "repairs: " + file.repairs());
    assertTrue(
        file.repairs().getFirst().contains(words),
        () -> "expected \"" + words + "\" in " + file.repairs());
  }

  @Test
  void aCleanFileIsReadWithoutRepairs() throws MidiException {
    MidiFile file =
        new MidiBytes()
            .header(1, 2, 480)
            .track("00 FF 51 03 07 A1 20 " + END)
            .track("00 FF 03 05 5069616E6F 00 B0 40 7F " + C4 + "00 B0 40 00 " + END)
            .read();

    assertEquals(List.of(), file.repairs());
    assertEquals(1, file.format());
    assertEquals(2, file.trackCount());
    assertEquals(1, file.pedalCount());
    assertEquals(480, file.score().ticksPerBeat());
    assertEquals("test.mid", file.score().title());
    assertEquals("Piano", file.score().parts().get(1).name());
    assertEquals(List.of(new Tempo(0, 120)), file.score().tempos());
    assertEquals(ONE_C4, notes(file));
    assertEquals(0.1, file.seconds(), 1e-12);
  }

  @Test
  void aNoteOnWithoutVelocityReleasesTheNote() throws MidiException {
    assertEquals(ONE_C4, notes(one("00 90 3C 40 60 3C 00 " + END).read()));
  }

  @Test
  void eachNoteTakesTheFirstLaterUnusedReleaseOfItsKey() throws MidiException {
    MidiFile file = one("00 90 3C 40 10 3C 41 10 80 3C 00 10 3C 00 " + END).read();

    assertEquals(List.of(new Note(60, 0, 32, 64), new Note(60, 16, 32, 65)), notes(file));
  }

  @Test
  void runningStatusAfterMetaAndExclusiveEventsIsUnderstood() throws MidiException {
    MidiFile file =
        one("00 90 3C 40 00 FF 01 01 78 60 3C 00 00 F0 02 01 F7 00 3E 40 60 3E 00" + END).read();

    assertEquals(2, notes(file).size());
    assertTrue(file.repairs().getFirst().contains("running status"));
  }

  @Test
  void illegalStatusBytesArePassedOverWithTheirData() throws MidiException {
    MidiFile file = one("00 F1 22 00 F2 01 02 00 F4 00 FE " + C4 + END).read();

    assertEquals(ONE_C4, notes(file));
    assertEquals(4, file.repairs().size());
    assertTrue(file.repairs().getFirst().contains("F1"));
  }

  @Test
  void realTimeBytesInsideAnEventArePassedOver() throws MidiException {
    MidiFile file =
        one("00 90 F8 3C FA FE 40  60 80 3C F8 00 00 91 40 40 20 81 40 00 " + END).read();

    assertEquals(List.of(new Note(60, 0, 96, 64), new Note(64, 96, 32, 64)), notes(file));
    assertEquals(3, file.repairs().size(), file.repairs().toString());
    assertEquals(
        "Track 1: has the real-time byte F8 inside an event, passed over (2 times)",
        file.repairs().getFirst());
  }

  @Test
  void aMissingEndOfTrackIsReported() throws MidiException {
    MidiFile file = one(C4).read();

    assertEquals(ONE_C4, notes(file));
    assertOneRepair(file, "end-of-track");
  }

  @Test
  void aTrackThatStatesTooLittleIsReadToItsEnd() throws MidiException {
    byte[] events = MidiBytes.hex(C4 + END);
    MidiFile file =
        new MidiBytes().header(1, 2, 480).chunk("MTrk", 3, events).track(C4 + END).read();

    assertEquals(2, notes(file).size());
    assertOneRepair(file, "states a length of 3");
  }

  /**
   * Under running status nearly all bytes of these tracks are letters, so that most wrong lengths
   * end where a chunk might begin.
   */
  @Test
  void whateverLengthATrackStatesNoNoteIsLost() throws MidiException {
    byte[] first = MidiBytes.hex(letters(40) + END);
    byte[] second = MidiBytes.hex(letters(60) + END);
    int whole = 100;
    for (int stated = 0; stated < first.length + second.length + 40; stated++) {
      MidiFile early =
          new MidiBytes().header(1, 2, 480).chunk("MTrk", stated, first).track(hex(second)).read();
      assertEquals(whole, notes(early).size(), "the first track states " + stated);
      MidiFile late =
          new MidiBytes().header(1, 2, 480).track(hex(first)).chunk("MTrk", stated, second).read();
      assertEquals(whole, notes(late).size(), "the last track states " + stated);
      assertEquals(stated == second.length, late.repairs().isEmpty(), late.repairs().toString());
    }
  }

  /** The header, too, may state a length that ends amid notes. */
  @Test
  void whateverLengthTheHeaderStatesNoNoteIsLost() throws MidiException {
    for (int stated = 0; stated < 400; stated++) {
      byte[] bytes = new MidiBytes().header(1, 1, 480).track(letters(60) + END).bytes();
      bytes[6] = (byte) (stated >> 8);
      bytes[7] = (byte) stated;
      assertEquals(
          60, notes(MidiReader.read("test.mid", bytes)).size(), "the header states " + stated);
    }
  }

  @Test
  void aLongerHeaderIsPassedOver() throws MidiException {
    byte[] events = MidiBytes.hex(C4 + END);
    byte[] bytes =
        new MidiBytes()
            .header(1, 1, 480)
            .raw((byte) 7, (byte) 7)
            .chunk("XFIH", 3, new byte[] {1, 2, 3})
            .chunk("MTrk", events.length, events)
            .bytes();
    bytes[7] = 8;
    MidiFile file = MidiReader.read("test.mid", bytes);

    assertEquals(ONE_C4, notes(file));
    assertEquals("The header is 8 bytes long instead of 6", file.repairs().getFirst());
    assertEquals("A chunk named XFIH was passed over", file.repairs().get(1));
  }

  @Test
  void anotherChunkThatStatesTooMuchSwallowsNoTrack() throws MidiException {
    String track = letters(60) + END;
    for (int stated = 0; stated < 300; stated++) {
      MidiFile file =
          new MidiBytes()
              .header(1, 1, 480)
              .chunk("XFIH", stated, new byte[] {1, 2, 3})
              .track(track)
              .read();
      // A length that leads to the very end says that all of it belongs to the chunk.
      boolean everything = stated == 3 + 8 + MidiBytes.hex(track).length;
      assertEquals(everything ? 0 : 60, notes(file).size(), "the chunk states " + stated);
    }
  }

  @Test
  void aTrackWithoutEndMayBeFollowedByOtherChunks() throws MidiException {
    MidiFile file =
        new MidiBytes()
            .header(1, 1, 480)
            .track(C4)
            .chunk("XFIH", 3, new byte[] {1, 2, 3})
            .chunk("XFKM", 1, new byte[] {4})
            .read();

    assertEquals(ONE_C4, notes(file));
    assertEquals(3, file.repairs().size(), file.repairs().toString());
    assertTrue(file.repairs().getFirst().contains("has no end-of-track"));
  }

  /** Notes one after the other, of 48 ticks and after 32 or none, under running status. */
  private static String letters(int count) {
    var events = new StringBuilder("00 90 ");
    for (int i = 0; i < count; i++) {
      String time = i == 0 ? "" : i % 3 == 0 ? "00 " : "20 ";
      events.append("%s%02X 40 30 %02X 00 ".formatted(time, 40 + i % 60, 40 + i % 60));
    }
    return events.toString();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void aTrackThatStatesTooMuchDoesNotSwallowTheNext() throws MidiException {
    byte[] events = MidiBytes.hex(C4 + END);
    for (long stated : new long[] {events.length + 5, events.length + 8 + 12, 0xFFFFFFFFL}) {
      MidiFile file =
          new MidiBytes().header(1, 2, 480).chunk("MTrk", stated, events).track(C4 + END).read();

      assertEquals(2, notes(file).size(), "with a stated length of " + stated);
      assertOneRepair(file, "states a length of " + stated);
    }
  }

  @Test
  void aTrackWithoutEndThatStatesTooMuchStopsAtTheNext() throws MidiException {
    MidiFile file =
        new MidiBytes()
            .header(1, 2, 480)
            .chunk("MTrk", 0x7FFFFFFF, MidiBytes.hex(C4))
            .track(C4 + END)
            .read();

    assertEquals(2, notes(file).size());
  }

  @Test
  void otherChunksArePassedOver() throws MidiException {
    MidiFile file =
        new MidiBytes()
            .header(1, 1, 480)
            .chunk("XFIH", 3, new byte[] {1, 2, 3})
            .track(C4 + END)
            .read();

    assertEquals(ONE_C4, notes(file));
    assertOneRepair(file, "XFIH");
  }

  @Test
  void aRiffWrapperIsOpened() throws MidiException {
    byte[] inner = one(C4 + END).bytes();
    MidiFile file =
        new MidiBytes()
            .chunk("RIFF", 0, "RMID".getBytes(StandardCharsets.US_ASCII))
            .chunk("data", 0, inner)
            .read();

    assertEquals(ONE_C4, notes(file));
    assertOneRepair(file, "RIFF");
  }

  @Test
  void theTracksOfFormatTwoAreLaidEndToEnd() throws MidiException {
    MidiFile file = new MidiBytes().header(2, 2, 480).track(C4 + END).track(C4 + END).read();

    assertEquals(List.of(0, 96), notes(file).stream().map(Note::onset).toList());
    assertEquals(2, file.format());
  }

  /** The second piece has no tempo, the third one of its own after 96 ticks, the last at once. */
  @Test
  void aPieceOfFormatTwoDoesNotInheritTheTempoOfTheOneBefore() throws MidiException {
    String slow = "FF 51 03 0F 42 40 ";
    MidiFile file =
        new MidiBytes()
            .header(2, 4, 480)
            .track("00 " + slow + C4 + END)
            .track(C4 + END)
            .track(C4 + "00 " + slow + C4 + END)
            .track("00 " + slow + C4 + END)
            .read();

    assertEquals(
        List.of(
            new Tempo(0, 60),
            new Tempo(96, 120),
            new Tempo(192, 120),
            new Tempo(288, 60),
            new Tempo(384, 60)),
        file.score().tempos());
    MidiFile plain = new MidiBytes().header(2, 2, 480).track(C4 + END).track(C4 + END).read();
    assertEquals(List.of(), plain.score().tempos());
  }

  @Test
  void anUnknownFormatIsReadAsFormatOne() throws MidiException {
    MidiFile file = new MidiBytes().header(7, 1, 480).track("00 FF 2F 00").read();

    assertEquals(1, file.format());
    assertEquals(List.of("The header states format 7, read as format 1"), file.repairs());
  }

  @Test
  void aPedalIsPressedWhenItsChannelRises() throws MidiException {
    MidiFile file =
        new MidiBytes()
            .header(0, 1, 480)
            .track(
                "00 B0 40 40 01 40 7F 01 40 3F 01 40 50" // twice on channel 1
                    + "01 B1 40 7F 01 B0 40 7F 00 FF 2F 00") // once on channel 2
            .read();

    assertEquals(3, file.pedalCount());
  }

  @Test
  void thePedalIsDownWhileThatOfAnyChannelIs() throws MidiException {
    MidiFile file =
        new MidiBytes()
            .header(0, 1, 480)
            .track("0A B0 40 7F 0A B1 40 7F 0A B0 40 00 0A B1 40 00 0A B0 40 7F 0A FF 2F 00")
            .read();

    assertEquals(
        List.of(
            new Pedal(10, true), new Pedal(40, false), new Pedal(50, true), new Pedal(60, false)),
        file.score().pedals());
  }

  @Test
  void aPedalThatIsReleasedAsItIsPressedLiftsNoOther() throws MidiException {
    for (String after : List.of("0A B1 40 00 ", "")) {
      MidiFile file =
          new MidiBytes()
              .header(0, 1, 480)
              .track("00 B1 40 7F 0A B0 40 7F 00 B0 40 00 " + after + "00 FF 2F 00")
              .read();

      int release = after.isEmpty() ? 10 : 20;
      assertEquals(List.of(new Pedal(0, true), new Pedal(release, false)), file.score().pedals());
      assertEquals(1, file.pedalCount());
    }
    // The last track ends as its pedal is pressed.
    MidiFile ends =
        new MidiBytes()
            .header(1, 2, 480)
            .track("00 B0 40 7F 14 B0 40 00 00 FF 2F 00")
            .track("0A B0 40 7F 00 FF 2F 00")
            .read();
    assertEquals(List.of(new Pedal(0, true), new Pedal(20, false)), ends.score().pedals());
  }

  @Test
  void whatBothHandsLiftAndPressAgainAtOnceIsLifted() throws MidiException {
    String hand = "00 B0 40 7F 0A B0 40 00 00 B0 40 7F 0A B0 40 00 00 FF 2F 00";
    MidiFile file = new MidiBytes().header(1, 2, 480).track(hand).track(hand).read();

    assertEquals(
        List.of(
            new Pedal(0, true), new Pedal(10, false), new Pedal(10, true), new Pedal(20, false)),
        file.score().pedals());
  }

  @Test
  void formatZeroIsReadAndASecondTrackIsKept() throws MidiException {
    MidiFile single = new MidiBytes().header(0, 1, 480).track(C4 + END).read();
    MidiFile two = new MidiBytes().header(0, 2, 480).track(C4 + END).track(C4 + END).read();

    assertEquals(List.of(), single.repairs());
    assertEquals(0, single.format());
    assertEquals(2, notes(two).size());
    assertOneRepair(two, "Format 0 allows one track, read as format 1");
    assertEquals(1, two.format());
  }

  @Test
  void aNoteThatIsNeverReleasedEndsWithTheTrackOrTheNextOfItsKey() throws MidiException {
    MidiFile file = one("00 90 3C 40 20 3C 41 20 3E 42 20 FF 2F 00").read();

    assertEquals(
        List.of(new Note(60, 0, 32, 64), new Note(60, 32, 64, 65), new Note(62, 64, 32, 66)),
        notes(file));
    assertOneRepair(file, "3 notes are never released");
  }

  @Test
  void zeroTicksABeatAreReplaced() throws MidiException {
    MidiFile file = new MidiBytes().header(1, 1, 0).track(C4 + END).read();

    assertEquals(480, file.score().ticksPerBeat());
    assertOneRepair(file, "0 ticks");
  }

  @Test
  void timeCountedInFilmFramesKeepsItsSpeed() throws MidiException {
    int division = -25 << 8 | 40;
    MidiFile file = new MidiBytes().header(1, 1, division).track(C4 + END).read();

    assertEquals(96 / 1000.0, file.seconds(), 1e-12);
    assertOneRepair(file, "film frames");
  }

  @Test
  void tempoMarksOfAllTracksAreMergedAndImpossibleOnesPassedOver() throws MidiException {
    MidiFile file =
        new MidiBytes()
            .header(1, 2, 480)
            .track("60 FF 51 03 0F 42 40 00 FF 51 03 00 00 00 " + END)
            .track("00 FF 51 03 07 A1 20 " + END)
            .read();

    assertEquals(List.of(new Tempo(0, 120), new Tempo(96, 60)), file.score().tempos());
    assertOneRepair(file, "tempo");
  }

  @Test
  void thePercussionChannelIsLeftOut() throws MidiException {
    MidiFile file = one("00 99 24 40 60 89 24 00 " + C4 + END).read();

    assertEquals(1, notes(file).size());
    assertOneRepair(file, "percussion");
  }

  @Test
  void everyBeginningOfAFileIsReadOrRefusedWithASentence() {
    byte[] whole = new MidiBytes().header(1, 2, 480).track(C4 + END).track(C4 + C4 + END).bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] beginning = Arrays.copyOf(whole, length);
      if (length < 14) {
        var thrown = assertThrows(MidiException.class, () -> MidiReader.read("cut.mid", beginning));
        assertTrue(String.valueOf(thrown.getMessage()).startsWith("cut.mid: "));
      } else {
        try {
          MidiReader.read("cut.mid", beginning);
        } catch (MidiException e) {
          throw new AssertionError("refused " + length + " bytes", e);
        }
      }
    }
  }

  @Test
  void anEmptyFileAndOtherFilesAreRefusedSayingWhatWasMetAndExpected() {
    var empty = assertThrows(MidiException.class, () -> MidiReader.read("a.mid", new byte[0]));
    var text =
        assertThrows(
            MidiException.class,
            () -> MidiReader.read("b.mid", "Hello".getBytes(StandardCharsets.US_ASCII)));

    assertEquals(
        "a.mid: is empty, expected a MIDI file, which begins with MThd", empty.getMessage());
    assertEquals(
        "b.mid: is no MIDI file: it begins with bytes 48 65 6C 6C, expected MThd"
            + " (bytes 4D 54 68 64)",
        text.getMessage());
  }

  @Test
  void missingFilesAndFoldersAreRefused(@TempDir Path folder) {
    assertThrows(MidiException.class, () -> MidiReader.read(folder));
    assertThrows(MidiException.class, () -> MidiReader.read(folder.resolve("none.mid")));
  }

  @Test
  void aFileOnDiskIsCalledByItsName(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("waltz.mid"), one(C4 + END).bytes());

    assertEquals("waltz.mid", MidiReader.read(file).score().title());
  }

  @Test
  void absurdTimesEndATrackInsteadOfOverflowing() throws MidiException {
    var events = new StringBuilder(C4);
    for (int i = 0; i < 20; i++) {
      events.append("FF FF FF 7F 90 3C 40 00 3C 00 ");
    }
    MidiFile file = one(events + END).read();

    assertTrue(file.repairs().stream().anyMatch(repair -> repair.contains("after tick")));
    assertTrue(file.score().lastTick() > 0);
  }

  @Test
  void moreTracksThanAHeaderCanStateArePassedOver() {
    var bytes = new MidiBytes().header(2, 65_535, 480);
    for (int track = 0; track < 65_535 + 300; track++) {
      bytes.track(END);
    }
    MidiFile file =
        assertTimeoutPreemptively(
            Duration.ofSeconds(10), bytes::read, "work grows with the square");
    assertEquals(65_535, file.trackCount());
    assertTrue(
        file.repairs().stream().anyMatch(repair -> repair.contains("follows track 65535")),
        () -> "repairs: " + file.repairs());
  }

  @Test
  void inAFormatWithoutOneTempoPiecesAfterTheFirstMarkSayTheirs() throws MidiException {
    MidiFile file =
        new MidiBytes()
            .header(2, 4, 480)
            .track(C4 + END)
            .track("00 FF 51 03 0F 42 40 " + C4 + END)
            .track(C4 + END)
            .track(C4 + END)
            .read();
    assertEquals(
        List.of(new Tempo(96, 60), new Tempo(192, 120), new Tempo(288, 120)),
        file.score().tempos());
  }
}
