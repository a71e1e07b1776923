package dev.impromptu.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
  /** The three vectors for {@code philox4x32 10} of Random123's {@code kat_vectors}. */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1",
  })
  void agreesWithThePublishedVectors(String counter, String key, String expected) {
    int[] c = words(counter);
    int[] k = words(key);
    int[] out = new int[4];

    Philox.block(c[0], c[1], c[2], c[3], k[0], k[1], out, 0);

    assertArrayEquals(words(expected), out);
  }

  @Test
  void writesOnlyItsFourWords() {
    int[] out = {7, 7, 7, 7, 7, 7};

    Philox.block(0, 0, 0, 0, 0, 0, out, 1);

    assertArrayEquals(words("00000007 6627e8d5 e169c58d bc57ac4c 9b00dbd8 00000007"), out);
  }

  @Test
  void refusesAnOutputWithoutRoom() {
    assertThrows(
        IndexOutOfBoundsException.class, () -> Philox.block(0, 0, 0, 0, 0, 0, new int[4], 1));
  }

  private static int[] words(String hex) {
    return Stream.of(hex.strip().split(" ")).mapToInt(HexFormat::fromHexDigits).toArray();
  }
}
