package dev.impromptu.music.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.music.data.EncodedPiece;
import dev.impromptu.music.data.TokenizedPiece;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.token.Vocabulary;
import dev.impromptu.tensor.Device;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkForetellerTest {
  private final Counting model = new Counting();
  private final NetworkForeteller network = new NetworkForeteller(model, Device.best());

  private static Windows windows(String digits) {
    var vocabulary = Vocabulary.restore(List.of("0", "1", "2", "3"), new int[] {1, 1, 1, 1});
    var piece = new TokenizedPiece("digits", List.of(digits.split("")));
    return Windows.of(List.of(EncodedPiece.of(piece, vocabulary)), 3, 2, false);
  }

  @Test
  void eachRowHoldsTheProbabilitiesOfOneWindow() {
    float[] rows = network.probabilities(windows("0123102"), 1, 3);

    double total = Math.exp(Counting.SURE) + 3;
    float sure = (float) (Math.exp(Counting.SURE) / total);
    float other = (float) (1 / total);
    assertEquals(List.of(List.of(1, 2, 3), List.of(2, 3, 1)), model.asked());
    assertArrayEquals(
        new float[] {sure, other, other, other, other, other, sure, other}, rows, 1e-6f);
  }

  @Test
  void itIsJudgedWithAMemory() {
    // A sure 0.71 against trusts of 1/5 to 3/7: counting is never overruled.
    assertEquals(1, Recall.accuracy(network, windows("0123012301"), judged -> {}));
    // Seven equal tokens are trusted more than it.
    Windows last = windows("2103210321032").select(8);
    assertEquals(1, Recall.accuracy(network, last, judged -> {}));
  }
}
