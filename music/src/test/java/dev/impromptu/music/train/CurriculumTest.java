package dev.impromptu.music.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CurriculumTest {
  private static final Curriculum SHORT = Curriculum.parse("1x2,4x1,8x3");

  @Test
  void everyEpochForetellsWhatItsPhaseSays() {
    assertEquals(
        List.of(1, 1, 4, 8, 8, 8), IntStream.range(0, 6).mapToObj(SHORT::stepsAhead).toList());
    assertEquals(6, SHORT.epochs());
    assertEquals(8, SHORT.mostAhead());
    assertThrows(IndexOutOfBoundsException.class, () -> SHORT.stepsAhead(6));
    assertThrows(IndexOutOfBoundsException.class, () -> SHORT.stepsAhead(-1));
  }

  @Test
  void aPhaseLastsFromItsStartToItsEnd() {
    assertEquals(
        List.of(0, 0, 2, 3, 3, 3), IntStream.range(0, 6).mapToObj(SHORT::phaseStart).toList());
    assertEquals(
        List.of(2, 2, 3, 6, 6, 6), IntStream.range(0, 6).mapToObj(SHORT::phaseEnd).toList());
  }

  @Test
  void theOriginalsChangesAfter25And45Epochs() {
    assertEquals(90, Curriculum.ORIGINAL.epochs());
    assertEquals(
        List.of(1, 4, 4, 8),
        List.of(
            Curriculum.ORIGINAL.stepsAhead(24),
            Curriculum.ORIGINAL.stepsAhead(25),
            Curriculum.ORIGINAL.stepsAhead(44),
            Curriculum.ORIGINAL.stepsAhead(45)));
  }

  @Test
  void itIsCutWithinAPhaseOrBetweenTwo() {
    assertEquals("1x1", SHORT.first(1).toString());
    assertEquals("1x2,4x1", SHORT.first(3).toString());
    assertEquals("1x2,4x1,8x2", SHORT.first(5).toString());
    assertEquals(SHORT, SHORT.first(99));
  }

  @Test
  void whatIsStillToComeMayDiffer() {
    Curriculum longer = Curriculum.parse("1x2,4x5");
    assertTrue(SHORT.beginsLike(longer, 3));
    assertFalse(SHORT.beginsLike(longer, 4));
    assertTrue(SHORT.beginsLike(Curriculum.nextToken(2), 6), "no longer than the shorter");
  }

  @Test
  void whatIsWrittenIsRead() {
    assertEquals("1x2,4x1,8x3", SHORT.toString());
    assertEquals("1x7", Curriculum.nextToken(7).toString());
    Curriculum longest = Curriculum.nextToken(Curriculum.MOST);
    assertEquals(longest, Curriculum.parse(longest.toString()));
    assertThrows(IllegalArgumentException.class, () -> Curriculum.nextToken(Curriculum.MOST + 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "8", "x5", "8x", "0x5", "8x0", "1x5,", "1x5 8x5", "1x5;8x5", "-1x5"})
  void anythingElseIsRefused(String text) {
    var error = assertThrows(IllegalArgumentException.class, () -> Curriculum.parse(text));
    assertTrue(String.valueOf(error.getMessage()).contains("1x25,4x20,8x45"), error.getMessage());
  }
}
