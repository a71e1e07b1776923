package dev.impromptu.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.midi.MidiException;
import org.junit.jupiter.api.Test;

/** Every benchmark passes its own check, and does its work once. */
class BenchmarksTest {
  @Test
  void whatDiffersFromTheReferenceIsRefused() {
    var benchmark = new DeviceBenchmark() {};

    benchmark.check("right", 1, device -> new double[] {1});
    var e =
        assertThrows(
            AssertionError.class,
            () ->
                benchmark.check(
                    "wrong", 1, on -> new double[] {on.name().equals("cpu") ? 1.001 : 1}));

    assertTrue(String.valueOf(e.getMessage()).contains("wrong on cpu"), e.getMessage());
    benchmark.checkAgain();
  }

  /** As when kernels are exchanged once they are compiled. */
  @Test
  void whatDiffersAfterItWasTimedIsRefusedAsWell() {
    var benchmark = new DeviceBenchmark() {};
    int[] calls = {0};
    benchmark.check(
        "later", 1, on -> new double[] {on.name().equals("cpu") && calls[0]++ > 0 ? 1.001 : 1});
    assertThrows(AssertionError.class, benchmark::checkAgain);
  }

  @Test
  void oneCellTakesAStep() {
    var benchmark = new LstmCellBenchmark();
    benchmark.hidden = 16;
    benchmark.setUp();
    assertTrue(Double.isFinite(benchmark.step()));
    benchmark.tearDown();
  }

  @Test
  void theStackRunsForwardAndBackward() {
    var benchmark = new LstmBenchmark();
    benchmark.batch = 2;
    benchmark.hidden = 16;
    benchmark.setUp();
    assertTrue(Double.isFinite(benchmark.forward()));
    assertTrue(Double.isFinite(benchmark.forwardBackward()));
    benchmark.checkAgain();
    benchmark.tearDown();
  }

  @Test
  void theConvolutionRunsForwardAndBackward() {
    var benchmark = new CausalConv1dBenchmark();
    benchmark.batch = 2;
    benchmark.dilation = 8;
    benchmark.setUp();
    assertTrue(Double.isFinite(benchmark.forward()));
    assertTrue(Double.isFinite(benchmark.forwardBackward()));
    assertTrue(Double.isFinite(benchmark.gatedForwardBackward()));
    benchmark.tearDown();
  }

  @Test
  void theOriginalsModelTakesAStep() {
    var benchmark = new TrainingStepBenchmark();
    benchmark.batch = 1;
    benchmark.setUp();
    assertTrue(Double.isFinite(benchmark.step()));
    assertTrue(Double.isFinite(benchmark.step()));
  }

  @Test
  void theLongWaveNetTakesAStep() {
    var benchmark = new WaveNetBenchmark();
    benchmark.batch = 1;
    benchmark.time = 8;
    benchmark.setUp();
    benchmark.step();
  }

  @Test
  void theLstmAndTheStreamedWaveNetWriteNotes() {
    var benchmark = new GenerationBenchmark();
    benchmark.setUp();
    benchmark.notes();
    benchmark.network = GenerationBenchmark.Network.WAVENET_STREAMED;
    benchmark.setUp();
    benchmark.notes();
  }

  @Test
  void productsAreMultiplied() {
    var benchmark = new ProductBenchmark();
    benchmark.shape = "3x5x7";
    benchmark.setUp();
    assertTrue(Double.isFinite(benchmark.product()));
    benchmark.tearDown();
  }

  @Test
  void tokensGoInAndComeOut() {
    var benchmark = new EmbeddingBenchmark();
    benchmark.setUp();
    assertTrue(Double.isFinite(benchmark.embedding()));
    assertTrue(benchmark.crossEntropy() > 1);
    benchmark.tearDown();
  }

  @Test
  void adamUpdates() {
    var benchmark = new AdamBenchmark();
    benchmark.setUp();
    assertTrue(benchmark.step() != benchmark.step());
    benchmark.tearDown();
  }

  @Test
  void theSongbookIsReadAndCutIntoTokens() throws MidiException {
    var benchmark = new MusicBenchmark();
    benchmark.setUp();
    assertEquals(3442, benchmark.readMidi());
    assertEquals(2583, benchmark.tokenize());
    assertThrows(AssertionError.class, () -> MusicBenchmark.check("notes read", 3441, 3442));
  }
}
