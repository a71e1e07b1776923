package dev.impromptu.music.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class VocabularyTest {
  private final Vocabulary vocabulary =
      Vocabulary.build(List.of(List.of("b", "a", "c", "a"), List.of("b", "rare", "c", "c")), 2);

  @Test
  void tokensAreNumberedByCountThenName() {
    assertEquals(List.of("c", "a", "b"), vocabulary.tokens());
    assertEquals(3, vocabulary.count(0));
  }

  @Test
  void rareTokensAreDropped() {
    assertEquals(3, vocabulary.size());
    assertFalse(vocabulary.tokens().contains("rare"));
    assertArrayEquals(new int[] {2, 0}, vocabulary.encode(List.of("b", "rare", "c")));
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
