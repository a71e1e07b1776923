package dev.impromptu.music.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class BaselinesTest {
  private static Windows windows(int context, String... pieces) {
    return LetterWindows.windows(context, false, pieces);
  }

  @Test
  void aKnownContextGetsItsCommonestTargetAndAnUnknownOneTheCommonestOfAll() {
    // After ab: c twice, d once; after ba: d once; after cc: c once, a once. Commonest of all: c.
    Windows training = windows(2, "abc", "abc", "abd", "bad", "ccc", "cca");

    assertEquals(1, Baselines.lookup(training, windows(2, "abc", "bad"), 1));
    assertEquals(0, Baselines.lookup(training, windows(2, "abd", "bac"), 1));
    assertEquals(1, Baselines.lookup(training, windows(2, "cca", "ddc"), 1));
    assertEquals(4 / 6.0, Baselines.lookup(training, training, 1), 1e-12);
  }

  @Test
  void aHeldOutWindowWhoseNeighboursAreShownIsKnown() {
    Windows all = windows(2, "aabcdda");

    // Of windows 0 to 4, which begin so, the middle one is held out; 1 and 3 show all its notes.
    assertEquals(1, Baselines.lookup(all.select(0, 1, 3, 4), all.select(2), 1));
    // Here its target is shown, its first note is not.
    assertEquals(0, Baselines.lookup(all.select(3, 4), all.select(2), 1));
  }

  @Test
  void everyStepAheadIsLookedUpFromTheSameContext() {
    List<EncodedPiece> pieces = windows(1, "abcd", "abdd").pieces();
    Windows training = Windows.of(pieces, 2, 2, false);
    // After ab stood c or d, of which the lower is named, then d and d.
    assertEquals(0.75, Baselines.lookup(training, training, 2));
    assertThrows(IllegalArgumentException.class, () -> Baselines.lookup(training, training, 3));
  }

  @Test
  void emptyPartsAndOtherContextsAreRefused() {
    Windows some = windows(2, "abc");
    assertThrows(IllegalArgumentException.class, () -> Baselines.lookup(some, windows(2, "ab"), 1));
    assertThrows(
        IllegalArgumentException.class, () -> Baselines.lookup(some, windows(1, "abc"), 1));
  }
}
