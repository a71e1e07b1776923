package dev.impromptu.music.render;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.midi.MidiFile;
import dev.impromptu.music.midi.MidiReader;
import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import javax.sound.midi.MetaMessage;
import javax.sound.midi.MidiSystem;
import javax.sound.midi.Sequence;
import javax.sound.midi.ShortMessage;
import javax.sound.midi.Track;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MidiWriterTest {
  @Test
  void thePedalMovesOnEveryChannelThatHasNotes() throws Exception {
    var twice = List.of(new Note(60, 0, 960, 80), new Note(60, 480, 960, 80));
    Score score =
        new Score("x", 480, List.of(new Part("", twice)), List.of())
            .withPedals(
                List.of(
                    new Pedal(40, true),
                    new Pedal(480, false),
                    new Pedal(9000, true),
                    new Pedal(9100, false)));

    byte[] bytes = MidiWriter.bytes(score);
    Set<Integer> struck = new HashSet<>();
    Set<Integer> pedalled = new HashSet<>();
    for (var track : MidiSystem.getSequence(new ByteArrayInputStream(bytes)).getTracks()) {
      for (int i = 0; i < track.size(); i++) {
        if (track.get(i).getMessage() instanceof ShortMessage message) {
          if (message.getCommand() == ShortMessage.NOTE_ON) {
            struck.add(message.getChannel());
          } else if (message.getCommand() == ShortMessage.CONTROL_CHANGE
              && message.getData1() == 64) {
            pedalled.add(message.getChannel());
          }
        }
      }
    }

    assertEquals(2, struck.size());
    assertEquals(struck, pedalled);
    MidiFile read = MidiReader.read("x", bytes);
    assertEquals(List.of(), read.repairs());
    assertEquals(
        List.of(
            new Pedal(40, true),
            new Pedal(480, false),
            new Pedal(9000, true),
            new Pedal(9100, false)),
        read.score().pedals());
    assertEquals(2, read.score().noteCount());
    assertEquals(1440, read.score().lastTick());
  }

  private static final Comparator<Note> BY_ALL =
      Comparator.comparingInt(Note::onset)
          .thenComparingInt(Note::pitch)
          .thenComparingInt(Note::duration)
          .thenComparingInt(Note::velocity);

  private static Score score(int ticksPerBeat, List<Tempo> tempos, List<List<Note>> parts) {
    return new Score(
        "test", ticksPerBeat, parts.stream().map(notes -> new Part("p", notes)).toList(), tempos);
  }

  private static Sequence read(Score score) throws Exception {
    return MidiSystem.getSequence(new ByteArrayInputStream(MidiWriter.bytes(score)));
  }

  /** What the JDK's reader finds, each track and channel paired by itself. */
  private static List<Note> notes(Sequence sequence) {
    var notes = new ArrayList<Note>();
    for (Track track : sequence.getTracks()) {
      var open = new HashMap<Integer, ArrayDeque<long[]>>();
      for (int i = 0; i < track.size(); i++) {
        if (track.get(i).getMessage() instanceof ShortMessage message
            && (message.getCommand() == ShortMessage.NOTE_ON
                || message.getCommand() == ShortMessage.NOTE_OFF)) {
          int pitch = message.getData1();
          int velocity = message.getData2();
          long tick = track.get(i).getTick();
          var queue =
              open.computeIfAbsent(pitch + 128 * message.getChannel(), k -> new ArrayDeque<>());
          if (message.getCommand() == ShortMessage.NOTE_ON && velocity > 0) {
            assertEquals(0, queue.size(), "two notes sound on key " + pitch + " at " + tick);
            queue.add(new long[] {tick, velocity});
          } else {
            long[] start = queue.remove();
            notes.add(new Note(pitch, (int) start[0], (int) (tick - start[0]), (int) start[1]));
          }
        }
      }
      open.values().forEach(queue -> assertEquals(0, queue.size(), "a note never ends"));
    }
    notes.sort(BY_ALL);
    return notes;
  }

  private static List<Note> sorted(Score score) {
    return score.parts().stream().flatMap(part -> part.notes().stream()).sorted(BY_ALL).toList();
  }

  private static List<Note> dense(Random random, int count, int grid, int keys) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new Note(
                    40 + random.nextInt(keys),
                    grid * random.nextInt(count / 4),
                    grid * (1 + random.nextInt(8)),
                    1 + random.nextInt(127)))
        .sorted(Comparator.comparingInt(Note::onset))
        .toList();
  }

  @Test
  void denseRandomPolyphonyOnAGridLosesNothing() throws Exception {
    for (int grid : new int[] {1, 7, 40, 120, 160}) {
      for (int seed = 0; seed < 4; seed++) {
        var random = new Random(seed);
        Score score =
            score(
                480,
                List.of(new Tempo(0, 90)),
                List.of(dense(random, 400, grid, 30), dense(random, 400, grid, 5)));

        assertEquals(sorted(score), notes(read(score)), "grid " + grid + ", seed " + seed);
      }
    }
  }

  @Test
  void ourOwnReaderFindsTheSameNotes() throws Exception {
    Score score = score(480, List.of(), List.of(dense(new Random(5), 500, 30, 20)));

    var file = MidiReader.read("x.mid", MidiWriter.bytes(score));

    assertEquals(List.of(), file.repairs());
    assertEquals(sorted(score), sorted(file.score()));
  }

  @Test
  void notesLateInALongPieceStayOnTheirTick() throws Exception {
    var notes =
        IntStream.range(0, 20_000).mapToObj(i -> new Note(60 + i % 3, 161 * i, 161, 80)).toList();
    Score score = score(480, List.of(), List.of(notes));

    assertEquals(sorted(score), notes(read(score)));
  }

  @Test
  void otherResolutionsAreConverted() throws Exception {
    Score score =
        score(96, List.of(), List.of(List.of(new Note(60, 24, 48, 9), new Note(60, 72, 96, 8))));

    assertEquals(List.of(new Note(60, 120, 240, 9), new Note(60, 360, 480, 8)), notes(read(score)));
    assertEquals(480, read(score).getResolution());
  }

  @Test
  void aNoteWithoutLengthBecomesOneTickLong() throws Exception {
    Score score =
        score(480, List.of(), List.of(List.of(new Note(60, 0, 0, 64), new Note(60, 1, 9, 64))));

    assertEquals(List.of(new Note(60, 0, 1, 64), new Note(60, 1, 9, 64)), notes(read(score)));
  }

  @Test
  void allTemposAreWrittenAtTheirTicks() throws Exception {
    Score score =
        score(
            96,
            List.of(new Tempo(0, 66), new Tempo(96, 132.5), new Tempo(960, 1)),
            List.of(List.of(new Note(60, 0, 96, 64))));

    var tempos = new ArrayList<String>();
    Track track = read(score).getTracks()[0];
    for (int i = 0; i < track.size(); i++) {
      if (track.get(i).getMessage() instanceof MetaMessage meta && meta.getType() == 0x51) {
        byte[] data = meta.getData();
        int perBeat = (data[0] & 0xFF) << 16 | (data[1] & 0xFF) << 8 | data[2] & 0xFF;
        tempos.add(
            track.get(i).getTick() + ":" + String.format(Locale.ROOT, "%.3f", 60e6 / perBeat));
      }
    }
    assertEquals(List.of("0:66.000", "480:132.500", "4800:3.600"), tempos);
  }

  @Test
  void thePercussionChannelIsNeverUsed() throws Exception {
    var crowd = IntStream.range(0, 20).mapToObj(i -> new Note(60, i, 100, 64)).toList();
    for (Track track : read(score(480, List.of(), List.of(crowd))).getTracks()) {
      for (int i = 0; i < track.size(); i++) {
        if (track.get(i).getMessage() instanceof ShortMessage message) {
          assertEquals(false, message.getChannel() == 9);
        }
      }
    }
  }

  @Test
  void nothingIsPrintedAndStandardOutputIsGivenBack() {
    PrintStream before = System.out;
    var heard = new ByteArrayOutputStream();
    try (var listening = new PrintStream(heard, true, StandardCharsets.UTF_8)) {
      System.setOut(listening);
      MidiWriter.bytes(score(480, List.of(), List.of(List.of(new Note(60, 0, 9, 64)))));
      assertEquals(listening, System.out);
    } finally {
      System.setOut(before);
    }
    assertEquals("", heard.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aFileIsReplacedAsAWhole(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("a.mid"), "old");
    Score score = score(480, List.of(), List.of(List.of(new Note(60, 0, 9, 64))));

    MidiWriter.write(score, file);

    assertArrayEquals(MidiWriter.bytes(score), Files.readAllBytes(file));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void aScoreLongerThanAFileCanBeIsRefused() {
    Score endless =
        score(1, List.of(), List.of(List.of(new Note(60, Integer.MAX_VALUE - 1, 1, 64))));

    assertThrows(IllegalArgumentException.class, () -> MidiWriter.bytes(endless));
  }

  @Test
  void moreTracksThanAFileCanCountAreRefused() {
    var one = new Note(60, 0, 480, 64);
    Score crowd = score(480, List.of(), List.of(Collections.nCopies(200_000, one)));

    var error =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () -> assertThrows(IllegalArgumentException.class, () -> MidiWriter.bytes(crowd)));
    assertTrue(error.getMessage().contains("more than 65534 tracks"), error.getMessage());
  }

  @Test
  void thePedalIsWrittenOnceForEachChannelHoweverManyTracksThereAre() throws Exception {
    List<Note> crowd = Collections.nCopies(100, new Note(60, 0, 480, 64));
    Score score =
        score(480, List.of(), List.of(crowd))
            .withPedals(List.of(new Pedal(40, true), new Pedal(900, false)));

    int moves = 0;
    for (Track track : read(score).getTracks()) {
      for (int i = 0; i < track.size(); i++) {
        boolean move =
            track.get(i).getMessage() instanceof ShortMessage message
                && message.getCommand() == ShortMessage.CONTROL_CHANGE
                && message.getData1() == 64;
        moves += move ? 1 : 0;
      }
    }
    assertEquals(15 * 2, moves);
    assertEquals(score.pedals(), MidiReader.read("x", MidiWriter.bytes(score)).score().pedals());
  }

  @Test
  void aTempoThatMovesToTheFirstTickIsTheFirstTempo() throws Exception {
    Score fine = score(1920, List.of(new Tempo(1, 60)), List.of(List.of(new Note(60, 2, 960, 64))));
    List<Tempo> written = MidiReader.read("a.mid", MidiWriter.bytes(fine)).score().tempos();
    assertEquals(List.of(new Tempo(0, 60)), written);
  }
}
