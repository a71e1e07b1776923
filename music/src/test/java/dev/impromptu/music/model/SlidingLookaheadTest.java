package dev.impromptu.music.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.data.Shuffle;
import dev.impromptu.functional.Mode;
import dev.impromptu.music.data.EncodedPiece;
import dev.impromptu.music.data.TokenizedPiece;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.token.Vocabulary;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlidingLookaheadTest {
  private static final int CONTEXT = 2;
  private static final int FUTURE = 3;

  /**
   * The counts were found by hand. In {@code abcdabdab} the five windows get 3, 3, 2, 1 and 0 of
   * three tokens right, and 1, 1, 1, 1 and 0 of the first one.
   */
  @ParameterizedTest
  @CsvSource({
    "abcdabdab, false, 1, 4, 5",
    "abcdabdab, false, 3, 9, 15",
    "abcdabdab, true, 1, 0, 4",
    "abcdabdab, true, 3, 0, 12",
    "aabbccdda, false, 1, 3, 5",
    "aabbccdda, false, 3, 3, 15",
    "aabbccdda, true, 1, 4, 4",
    "aabbccdda, true, 3, 6, 12"
  })
  void whatIsRightIsCountedAndTheLossesOfAllStepsAddUp(
      String letters, boolean skipNote, int stepsAhead, int correct, int total) {
    WindowBatch batch = batch(letters, skipNote);
    var objective = Lookahead.SLIDE.objective(new Counting(), Device.best(), stepsAhead);
    double wrong = Math.log(Math.exp(Counting.SURE) + Counting.NUMBERS - 1);

    try (var _ = Scope.inference()) {
      var outcome = objective.measure(batch, Mode.EVALUATION);

      assertEquals(correct, outcome.correct());
      assertEquals(total, outcome.total());
      assertEquals(
          stepsAhead * wrong - Counting.SURE * correct / batch.size(), outcome.loss().item(), 1e-5);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "4"})
  void moreStepsThanTheWindowsHoldAreRefused(int stepsAhead) {
    WindowBatch batch = batch("abcdabdab", false);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Lookahead.SLIDE
                .objective(new Counting(), Device.best(), stepsAhead)
                .measure(batch, Mode.EVALUATION));
  }

  private static WindowBatch batch(String letters, boolean skipNote) {
    var vocabulary = Vocabulary.restore(List.of("a", "b", "c", "d"), new int[] {1, 1, 1, 1});
    var piece = new TokenizedPiece(letters, List.of(letters.split("")));
    var windows =
        Windows.of(List.of(EncodedPiece.of(piece, vocabulary)), CONTEXT, FUTURE, skipNote);
    var examples = new WindowExamples(windows);
    return examples.batch(Shuffle.ascending(examples.size()));
  }
}
