package dev.impromptu.music.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class VocabularyTest {
  private final Vocabulary vocabulary =
      Vocabulary.build(List.of(List.of("b", "a", "c", "a"), List.of("b", "rare", "c", "c")), 2);

  @Test
  void tokensAreNumberedByCountThenName() {
    assertEquals(List.of("c", "a", "b"), vocabulary.tokens());
    assertEquals(3, vocabulary.count(0));
    assertEquals(OptionalInt.of(1), vocabulary.id("a"));
  }

  @Test
  void rareTokensAreDropped() {
    assertEquals(4, vocabulary.typesBefore());
    assertEquals(3, vocabulary.size());
    assertTrue(vocabulary.id("rare").isEmpty());
    assertArrayEquals(new int[] {2, 0}, vocabulary.encode(List.of("b", "rare", "c")));
    assertEquals(2 / 3.0, vocabulary.coverage(List.of("b", "rare", "c")), 1e-12);
  }

  @Test
  void aStoredVocabularyIsTheSameAgain() {
    var restored = Vocabulary.restore(vocabulary.tokens(), new int[] {3, 2, 2});

    assertEquals(List.of("b", "c"), restored.decode(2, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> Vocabulary.restore(List.of("a", "a"), new int[] {1, 1}));
  }
}
