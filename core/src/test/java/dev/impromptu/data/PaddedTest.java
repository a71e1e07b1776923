package dev.impromptu.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaddedTest {
  private static final Padded PADDED =
      Padded.of(List.of(new int[] {1, 2}, new int[] {3}, new int[] {4, 5, 6}), -1);

  @Test
  void shorterSequencesAreFilledUpBehindTheirEnd() {
    assertEquals(Shape.of(3, 3), PADDED.ids().shape());
    assertArrayEquals(new int[] {1, 2, -1, 3, -1, -1, 4, 5, 6}, PADDED.ids().values());
  }

  @Test
  void lengthsAndMaskSayWhatIsReal() {
    assertEquals(Shape.of(3), PADDED.lengths().shape());
    assertArrayEquals(new int[] {2, 1, 3}, PADDED.lengths().values());
    assertEquals(Shape.of(3, 3), PADDED.mask().shape());
    assertArrayEquals(new float[] {1, 1, 0, 1, 0, 0, 1, 1, 1}, PADDED.mask().values());
  }

  @Test
  void nothingAndEmptySequencesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Padded.of(List.of(), 0));
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> Padded.of(List.of(new int[] {1}, new int[0]), 0));
    assertEquals(
        "Padded: met sequences of lengths [1, 0]; expected at least one, and none empty",
        e.getMessage());
  }
}
