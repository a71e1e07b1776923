package dev.impromptu.music.midi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.render.MelodyAnalysis;
import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.token.RhythmTokenizer;
import dev.impromptu.music.token.SeedTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Damaged files, 20,000 of them or as many as {@code -Dimpromptu.fuzz=N} says; those of the folder
 * {@code -Dimpromptu.fuzz.midi=DIR} are damaged too.
 */
class MidiFuzzTest {
  private static final int ROUNDS = Integer.getInteger("impromptu.fuzz", 20_000);
  private static final String REAL = System.getProperty("impromptu.fuzz.midi", "");

  /** One of so many is also written and read again, which takes longer than all the rest. */
  private static final int WRITTEN_ONE_OF = 20;

  /** Milliseconds for the round trip of a real file, which may be a hundred times as long. */
  private static final int ALLOWED_FOR_REAL = 250;

  /** As far as a file reaches: ticks have 28 bits. */
  private static final int LAST_TICK = 0x0FFFFFFF;

  /** A rest is 64 tokens at most, a length 17, and four more tell the rest of a note. */
  private static final int MOST_TOKENS_A_NOTE = 85;

  private final RhythmTokenizer rhythm = new RhythmTokenizer();
  private final SeedTokenizer seed = new SeedTokenizer();

  @Test
  void damagedFilesAreReadOrRefusedButNothingElse() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60 + ROUNDS / 200)
            .plusMillis(REAL.isEmpty() ? 0 : (long) ROUNDS * ALLOWED_FOR_REAL),
        () -> {
          var random = new Random(7);
          List<byte[]> valid = valid(random);
          int read = 0;
          for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = damage(valid.get(round % valid.size()), random);
            try {
              MidiFile file = MidiReader.read("fuzz.mid", damaged);
              examine(file, damaged.length);
              if (read++ % WRITTEN_ONE_OF == 0) {
                writeAndReadAgain(file.score());
              }
            } catch (MidiException expected) {
              // A refusal is a right answer.
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
              throw new AssertionError(
                  "round " + round + ": " + HexFormat.of().formatHex(damaged), e);
            }
          }
          assertTrue(read > ROUNDS / 3, "only " + read + " of " + ROUNDS + " were read at all");
        });
  }

  /** Nothing grows beyond what the bytes can pay for, and what was read can be worked with. */
  private void examine(MidiFile file, int bytes) {
    Score score = file.score();
    assertTrue(score.noteCount() <= bytes, () -> score.noteCount() + " notes");
    assertTrue(score.tempos().size() <= bytes, () -> score.tempos().size() + " tempos");
    assertTrue(file.trackCount() <= bytes / 8, () -> file.trackCount() + " tracks");
    assertTrue(file.repairs().size() <= 201, () -> file.repairs().size() + " repairs");
    assertTrue(file.seconds() >= 0);
    seed.tokens(score);
    List<String> words = rhythm.tokens(score);
    assertTrue(
        words.size() <= 1 + MOST_TOKENS_A_NOTE * score.noteCount(), () -> words.size() + " tokens");
    rhythm.score("", words);
    MelodyAnalysis.of(score);
  }

  /** What was read can be written, unless it is too long for a file, and reads without repairs. */
  private static void writeAndReadAgain(Score score) throws MidiException {
    byte[] bytes;
    try {
      bytes = MidiWriter.bytes(score);
    } catch (IllegalArgumentException e) {
      // Marks that change nothing are not written, so that not all that reach too far are refused.
      if (Math.round(beats(score) * MidiWriter.TICKS_PER_BEAT) > LAST_TICK) {
        return;
      }
      throw e;
    }
    MidiFile again = MidiReader.read("again.mid", bytes);
    assertEquals(score.noteCount(), again.score().noteCount());
    assertEquals(List.of(), again.repairs());
  }

  private static double beats(Score score) {
    int last = score.lastTick();
    last = score.tempos().isEmpty() ? last : Math.max(last, score.tempos().getLast().tick());
    last = score.pedals().isEmpty() ? last : Math.max(last, score.pedals().getLast().tick());
    return (double) last / score.ticksPerBeat();
  }

  /** Files of every kind: formats 0, 1 and 2, film frames, a RIFF wrapper, running status. */
  private static List<byte[]> valid(Random random) throws IOException {
    String track = track(random, false);
    String running = track(random, true);
    byte[] one = new MidiBytes().header(1, 2, 480).track(track).track(running).bytes();
    List<byte[]> files = new ArrayList<>();
    if (!REAL.isEmpty()) {
      try (Stream<Path> paths = Files.list(Path.of(REAL))) {
        for (Path path : paths.filter(path -> path.toString().endsWith(".mid")).sorted().toList()) {
          files.add(Files.readAllBytes(path));
        }
      }
    }
    Collections.addAll(
        files,
        one,
        new MidiBytes().header(0, 1, 96).track(running).bytes(),
        new MidiBytes().header(2, 2, 480).track(track).track(track).bytes(),
        new MidiBytes().header(1, 1, -25 << 8 | 40).track(track).bytes(),
        new MidiBytes()
            .chunk("RIFF", one.length + 12L, "RMID".getBytes(StandardCharsets.US_ASCII))
            .chunk("data", one.length, one)
            .bytes());
    return files;
  }

  private static String track(Random random, boolean running) {
    var events = new StringBuilder("00 FF 51 03 07 A1 20 00 F0 03 01 02 F7 00 B0 40 7F 00 C0 00 ");
    for (int i = 0; i < 40; i++) {
      String status = running && i > 0 ? "" : "90 ";
      events.append(String.format("%02X %s%02X 40 ", random.nextInt(100), status, 40 + i));
      String release = running ? "%02X %02X 00 " : "%02X 80 %02X 40 ";
      events.append(String.format(release, random.nextInt(100), 40 + i));
    }
    return events + "00 FF 2F 00";
  }

  private static byte[] damage(byte[] valid, Random random) {
    byte[] bytes = valid.clone();
    int changes = 1 + random.nextInt(12);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(random.nextBoolean() ? bytes.length : Math.min(60, bytes.length));
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) 0xFF;
        case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        default -> {
          int from = random.nextInt(bytes.length);
          int count = Math.min(random.nextInt(16), bytes.length - Math.max(at, from));
          System.arraycopy(bytes, from, bytes, at, count);
        }
      }
    }
    return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }
}
