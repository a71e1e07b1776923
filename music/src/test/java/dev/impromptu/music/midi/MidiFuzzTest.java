package dev.impromptu.music.midi;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MidiFuzzTest {
  private static final int ROUNDS = 20_000;

  @Test
  void damagedFilesAreReadOrRefusedButNothingElse() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          var random = new Random(7);
          byte[] valid = valid(random);
          for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = damage(valid, random);
            try {
              MidiReader.read("fuzz.mid", damaged);
            } catch (MidiException expected) {
              // A refusal is a right answer.
            } catch (RuntimeException e) {
              throw new AssertionError(
                  "round " + round + ": " + HexFormat.of().formatHex(damaged), e);
            }
          }
        });
  }

  private static byte[] valid(Random random) {
    var events = new StringBuilder("00 FF 51 03 07 A1 20 00 F0 03 01 02 F7 00 B0 40 7F 00 C0 00 ");
    for (int i = 0; i < 40; i++) {
      events.append(String.format("%02X 90 %02X 40 ", random.nextInt(100), 40 + i));
      events.append(String.format("%02X 80 %02X 40 ", random.nextInt(100), 40 + i));
    }
    String track = events + "00 FF 2F 00";
    return new MidiBytes().header(1, 2, 480).track(track).track(track).bytes();
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
