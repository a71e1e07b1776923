package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.StepValues;
import dev.impromptu.cuda.driver.CudaException;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recording and replaying work that calls kernels, with memory and step values of its own. */
class CudaGraphTest {
  private static final int OUT_OF_MEMORY = 2;

  private CudaRuntime runtime;
  private CudaMemory memory;
  private CudaStorage input;
  private CudaStorage output;

  @BeforeEach
  void open() {
    runtime = new CudaRuntime(TestDriver.open(), Precision.FP32);
    memory = new CudaMemory(runtime);
    input = memory.allocate(DType.FLOAT32, 2);
    output = memory.allocate(DType.FLOAT32, 2);
    memory.write(new float[] {1, 2}, input);
    memory.write(new float[] {0, 0}, output);
  }

  @AfterEach
  void close() {
    if (runtime != null) {
      runtime.close();
    }
  }

  @Test
  void aReplayReadsWhatWasWrittenBeforeIt() {
    CudaGraph graph =
        CudaGraph.record(runtime, values(1), () -> output.span().copyFrom(input.span()));
    memory.write(new float[] {3, 4}, input);
    assertArrayEquals(new float[] {0, 0}, read(output));
    graph.replay(values(1));
    assertArrayEquals(new float[] {3, 4}, read(output));
    memory.write(new float[] {5, 6}, input);
    graph.replay(values(2));

    assertArrayEquals(new float[] {5, 6}, read(output));
  }

  @Test
  void workSeesTheValuesOfItsReplay() {
    CudaStorage seen = memory.allocate(DType.FLOAT32, 5);
    CudaGraph graph =
        CudaGraph.record(runtime, values(1), () -> seen.span().copyFrom(runtime.step().span()));
    graph.replay(values(1));
    graph.replay(values(0x1_0000_0002L));

    float[] words = read(seen);
    assertEquals(2, Float.floatToRawIntBits(words[0]));
    assertEquals(1, Float.floatToRawIntBits(words[1]));
    assertEquals((float) (1e-3 / (1 - Math.pow(0.9, 0x1_0000_0002L))), words[2]);
    assertEquals((float) Math.sqrt(1 - Math.pow(0.999, 0x1_0000_0002L)), words[3]);
    assertEquals(1e-3f, words[4]);
  }

  @Test
  void workThatNamesOtherValuesThanAnnouncedIsRefused() {
    var e =
        assertThrows(
            IllegalStateException.class,
            () -> CudaGraph.record(runtime, values(5), () -> runtime.stepBlock().randomStep(6)));
    assertEquals(
        "record: the work draws random numbers of step 6, but was announced with step 5",
        e.getMessage());
    e =
        assertThrows(
            IllegalStateException.class,
            () ->
                CudaGraph.record(
                    runtime,
                    values(5),
                    () -> runtime.stepBlock().optimizerStep(values(6).optimizerStep())));
    assertTrue(e.getMessage().startsWith("record: the work takes optimizer step 6 at rate"));
    CudaGraph.record(
            runtime,
            values(5),
            () -> {
              runtime.stepBlock().randomStep(5);
              runtime.stepBlock().optimizerStep(values(5).optimizerStep());
            })
        .close();
  }

  @Test
  void memoryOfTheWorkIsNotGivenToOthersBetweenReplays() {
    CudaGraph graph =
        CudaGraph.record(
            runtime,
            values(1),
            () -> {
              try (CudaStorage inner = memory.allocate(DType.FLOAT32, 2)) {
                inner.span().copyFrom(input.span());
                output.span().copyFrom(inner.span());
              }
            });
    for (int i = 0; i < 10; i++) {
      CudaStorage other = memory.allocate(DType.FLOAT32, 2);
      memory.write(new float[] {i, i}, other);
      graph.replay(values(1));
      assertArrayEquals(new float[] {1, 2}, read(output));
      assertArrayEquals(new float[] {i, i}, read(other));
    }
  }

  @Test
  void aGraphThatCouldNotBeClosedKeepsItsMemory() {
    long before = runtime.pool().bytesInUse();
    CudaGraph graph =
        CudaGraph.record(runtime, values(1), () -> memory.allocate(DType.FLOAT32, 2).close());
    long recorded = runtime.pool().bytesInUse();
    assertThrows(
        IllegalStateException.class, () -> CudaGraph.record(runtime, values(1), graph::close));
    assertEquals(recorded, runtime.pool().bytesInUse());
    graph.replay(values(1));
    graph.close();

    assertEquals(before, runtime.pool().bytesInUse());
  }

  @Test
  void aGraphWhoseEndCannotBeWaitedForKeepsItsMemory() {
    DriverDouble driver = DriverDouble.find().orElseGet(() -> abort("This needs the stand-in"));
    long before = runtime.pool().bytesInUse();
    CudaGraph graph =
        CudaGraph.record(runtime, values(1), () -> memory.allocate(DType.FLOAT32, 2).close());
    long recorded = runtime.pool().bytesInUse();
    driver.failNext("cuStreamSynchronize", OUT_OF_MEMORY);
    assertThrows(CudaException.class, graph::close);
    assertEquals(recorded, runtime.pool().bytesInUse());
    graph.replay(values(1));
    driver.failNext("cuGraphExecDestroy", OUT_OF_MEMORY);
    // Nobody can launch it any longer.
    assertThrows(CudaException.class, graph::close);

    assertEquals(before, runtime.pool().bytesInUse());
  }

  @Test
  void whatTheWorkMadeIsReadAfterAReplay() {
    var made = new CudaStorage[1];
    CudaGraph graph =
        CudaGraph.record(
            runtime,
            values(1),
            () -> {
              made[0] = memory.allocate(DType.FLOAT32, 2);
              made[0].span().copyFrom(input.span());
            });
    graph.replay(values(1));

    assertArrayEquals(new float[] {1, 2}, read(made[0]));
    graph.close();
    memory.release(made[0]);
    assertThrows(IllegalStateException.class, () -> memory.release(made[0]));
  }

  @Test
  void everyByteReturnsToThePoolInEitherOrder() {
    long before = runtime.pool().bytesInUse();
    var made = new CudaStorage[2];
    CudaGraph graph =
        CudaGraph.record(
            runtime,
            values(1),
            () -> {
              made[0] = memory.allocate(DType.FLOAT32, 2);
              made[1] = memory.allocate(DType.FLOAT32, 300);
              memory.allocate(DType.FLOAT32, 5).close();
            });
    memory.release(made[0]);
    graph.close();
    memory.release(made[1]);

    assertEquals(before, runtime.pool().bytesInUse());
  }

  @Test
  void workThatReadsOrThrowsIsGivenUpCleanly() {
    long before = runtime.pool().bytesInUse();
    var e =
        assertThrows(
            IllegalStateException.class,
            () ->
                CudaGraph.record(
                    runtime,
                    values(1),
                    () -> {
                      memory.allocate(DType.FLOAT32, 2).close();
                      read(input);
                    }));
    assertTrue(e.getMessage().contains("not possible while work is recorded"), e.getMessage());
    var thrown = new ArithmeticException("by the test");
    assertSame(
        thrown,
        assertThrows(
            ArithmeticException.class,
            () ->
                CudaGraph.record(
                    runtime,
                    values(1),
                    () -> {
                      throw thrown;
                    })));

    assertEquals(before, runtime.pool().bytesInUse());
    runtime.stepBlock().randomStep(77);
    assertArrayEquals(new float[] {1, 2}, read(input));
  }

  @Test
  void recordingsDoNotNest() {
    var e =
        assertThrows(
            IllegalStateException.class,
            () ->
                CudaGraph.record(
                    runtime,
                    values(1),
                    () -> CudaGraph.record(runtime, values(1), () -> {}).close()));

    assertEquals(
        "CUDA: record is not possible while work is recorded; recordings do not nest",
        e.getMessage());
  }

  @Test
  void aReplayIsNoPartOfARecording() {
    CudaGraph graph =
        CudaGraph.record(runtime, values(1), () -> output.span().copyFrom(input.span()));
    graph.replay(values(1));

    var e =
        assertThrows(
            IllegalStateException.class,
            () -> CudaGraph.record(runtime, values(1), () -> graph.replay(values(1))));

    assertEquals(
        "CUDA: replay is not possible while work is recorded; replay before or after it",
        e.getMessage());
  }

  @Test
  void kernelsThatTheWorkIsTheFirstToUseAreCompiledBefore() {
    var kernels = new ElementwiseKernels(runtime);
    CudaGraph graph =
        CudaGraph.record(runtime, values(1), () -> kernels.affine(2, 1, input, output));
    graph.replay(values(1));

    assertArrayEquals(new float[] {3, 5}, read(output));
  }

  @Test
  void twoRecordingsLiveSideBySide() {
    CudaGraph first =
        CudaGraph.record(runtime, values(1), () -> output.span().copyFrom(input.span()));
    CudaGraph second = CudaGraph.record(runtime, values(1), () -> output.span().fill(0));
    first.replay(values(1));
    assertArrayEquals(new float[] {1, 2}, read(output));
    second.replay(values(1));
    assertArrayEquals(new float[] {0, 0}, read(output));
    second.close();
    first.replay(values(1));

    assertArrayEquals(new float[] {1, 2}, read(output));
  }

  private float[] read(CudaStorage storage) {
    float[] values = new float[storage.length()];
    memory.read(storage, values);
    return values;
  }

  private static StepValues values(long step) {
    return new StepValues(step, new AdamStep(1e-3, 0.9, 0.999, 1e-8, step, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cuStreamBeginCapture",
        "cuStreamEndCapture",
        "cuGraphInstantiate",
        "cuGraphUpload"
      })
  void aRecordingThatFailsLeavesNothing(String call) {
    DriverDouble driver = DriverDouble.find().orElseGet(() -> abort("This needs the stand-in"));
    // Kernels are compiled before.
    CudaGraph.record(runtime, values(1), () -> {}).close();
    DriverDouble.Holdings before = driver.holdings();
    driver.failNext(call, OUT_OF_MEMORY);

    assertThrows(
        OutOfDeviceMemoryException.class,
        () ->
            CudaGraph.record(
                runtime,
                values(1),
                () -> {
                  try (CudaStorage inner = memory.allocate(DType.FLOAT32, 2)) {
                    inner.span().copyFrom(input.span());
                  }
                }));

    assertEquals(before, driver.holdings());
  }

  @Test
  void aClosedRecordingLeavesNothing() {
    DriverDouble driver = DriverDouble.find().orElseGet(() -> abort("This needs the stand-in"));
    CudaGraph.record(runtime, values(1), () -> {}).close();
    DriverDouble.Holdings before = driver.holdings();
    CudaGraph graph =
        CudaGraph.record(runtime, values(1), () -> memory.allocate(DType.FLOAT32, 2).close());
    graph.replay(values(2));
    graph.close();

    assertEquals(before, driver.holdings());
  }

  @Test
  void theClustersOfAnLstmAreCompiledBefore() {
    runtime.close();
    try (var context = TestDriver.open()) {
      TestDriver.capability(context, 90);
    }
    runtime = new CudaRuntime(TestDriver.open(), Precision.FP32);
    assumeTrue(runtime.context().computeCapability() >= 90, "This needs clusters");
    memory = new CudaMemory(runtime);
    var lstm = new CudaLstm(runtime, new CudaProducts(runtime, Optional.empty()));
    var shape = new LstmShape(1, 2, 8, 8, 1);
    var weights = new LstmWeights(zeros(4 * 8 * 8), zeros(4 * 8 * 8), zeros(4 * 8), zeros(4 * 8));
    CudaStorage y = memory.allocate(DType.FLOAT32, 2 * 8);
    var last = new LstmState(zeros(8), zeros(8));
    CudaStorage reserve = zeros(lstm.lstmReserve(shape));
    CudaStorage x = zeros(2 * 8);
    CudaGraph graph =
        CudaGraph.record(
            runtime,
            values(1),
            () -> lstm.lstmForward(shape, x, List.of(weights), null, y, last, reserve));
    graph.replay(values(1));

    assertArrayEquals(new float[2 * 8], read(y));
    TestDriver.capability(runtime.context(), 75);
  }

  private CudaStorage zeros(int length) {
    CudaStorage storage = memory.allocate(DType.FLOAT32, length);
    storage.span().fill(0);
    return storage;
  }
}
