package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.StepValues;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.CudaLstm.PathRule;
import dev.impromptu.cuda.LstmPath.Way;
import dev.impromptu.cuda.driver.Cublas;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way of running the LSTM, compared with the reference and with itself. */
@Tag("lstm")
@Tag("lstm_persistent")
class CudaLstmTest {
  private CudaRuntime runtime;
  private CudaMemory memory;
  private Cublas cublas;
  private CudaProducts products;
  private final List<CudaStorage> lent = new ArrayList<>();

  @BeforeEach
  void open() {
    open(9);
  }

  private void open(int major) {
    DriverDouble.find().ifPresent(driver -> driver.setCapability(major, major == 7 ? 5 : 0));
    var options =
        new CudaOptions(
            CudaOptions.Products.CUBLAS,
            CudaOptions.Implementation.KERNEL,
            CudaOptions.Implementation.KERNEL,
            true,
            false);
    runtime = new CudaRuntime(TestDriver.open(), Precision.FP32, options);
    memory = new CudaMemory(runtime);
    cublas = new Cublas(runtime.context());
    products = new CudaProducts(runtime, Optional.of(cublas));
  }

  @AfterEach
  void close() {
    if (runtime != null) {
      lent.forEach(memory::release);
      lent.clear();
      // What else was allocated, the operations have given back.
      assertEquals(0, runtime.pool().bytesInUse());
      runtime.context().synchronize();
      cublas.close();
      runtime.close();
      runtime = null;
      DriverDouble.find().ifPresent(DriverDouble::reset);
    }
  }

  /** The device at hand, with storages that begin where it is asked for. */
  private class Machine implements LstmProblem.Machine {
    private final @Nullable PathRule rule;
    private final int offset;

    /** Where no rule is given, the chip's own holds. */
    Machine(@Nullable PathRule rule, int offset) {
      this.rule = rule;
      this.offset = offset;
    }

    @Override
    public Storage put(float[] values) {
      CudaStorage whole = memory.allocate(DType.FLOAT32, offset + values.length);
      lent.add(whole);
      CudaStorage storage = whole.slice(offset, values.length);
      memory.write(values, storage);
      return storage;
    }

    @Override
    public float[] get(Storage storage) {
      float[] values = new float[storage.length()];
      memory.read(storage, values);
      return values;
    }

    @Override
    public LstmOperations lstm() {
      return rule == null ? new CudaLstm(runtime, products) : new CudaLstm(runtime, products, rule);
    }
  }

  private Machine machine(LstmPath path) {
    return new Machine((batch, hidden) -> path, 0);
  }

  private Machine machine(Way way) {
    return machine(new LstmPath(way, 2));
  }

  private static List<Way> ways(LstmShape shape) {
    return shape.hiddenSize() % LstmPath.CLUSTER == 0
        ? List.of(Way.values())
        : List.of(Way.STEP, Way.PRODUCT);
  }

  /** Steps, input widths and heights take turns, so that each meets each size somewhere. */
  private static List<LstmShape> shapes(int hidden) {
    var shapes = new ArrayList<LstmShape>();
    int[] inputs = {1, 5, 100};
    for (int batch : new int[] {1, 7, 8, 9, 33}) {
      int turn = hidden + shapes.size();
      // Long sequences where they are cheap.
      int longest = hidden * batch < 100 ? 32 : 5;
      int[] steps = {1, 2, longest};
      shapes.add(new LstmShape(batch, steps[turn % 3], inputs[turn / 2 % 3], hidden, 1 + turn % 2));
    }
    return shapes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 32, 33, 64, 96, 136})
  void everyWayAgreesWithTheReference(int hidden) {
    boolean all = false;
    for (LstmShape shape : shapes(hidden)) {
      all = !all;
      agree(
          all
              ? LstmProblem.whole(shape)
              : new LstmProblem(shape, false, true, false, false, false));
    }
  }

  @Test
  void aLargeLayerAndATallOneAgreeToo() {
    agree(LstmProblem.whole(new LstmShape(8, 3, 100, 256, 1)));
    agree(LstmProblem.whole(new LstmShape(9, 32, 5, 32, 1)));
    agree(LstmProblem.whole(new LstmShape(7, 2, 5, 24, 3)));
  }

  private void agree(LstmProblem problem) {
    for (Way way : ways(problem.shape())) {
      problem.requireReference(way.toString(), problem.run(machine(way)));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void whatIsOptionalMayBeAbsent(Way way) {
    // Each alone, all but each, and none.
    for (int there : new int[] {1, 2, 4, 8, 16, 30, 29, 27, 23, 15, 0}) {
      var problem =
          new LstmProblem(
              new LstmShape(3, 3, 5, 8, 2),
              (there & 1) != 0,
              (there & 2) != 0,
              (there & 4) != 0,
              (there & 8) != 0,
              (there & 16) != 0);
      problem.requireReference(way.toString(), problem.run(machine(way)));
    }
  }

  @Test
  void fewBlocksStrideOverAllUnits() {
    TestDriver.limitGrid("lstm_gates", 2, 1);
    TestDriver.limitGrid("lstm_gates_backward", 2, 1);
    var problem = LstmProblem.whole(new LstmShape(33, 3, 5, 40, 2));
    problem.requireReference("two blocks", problem.run(machine(Way.PRODUCT)));
  }

  @Test
  void aStepAgreesWithTheReference() {
    int layers = 0;
    for (int hidden : new int[] {1, 7, 8, 33, 96}) {
      for (int batch : new int[] {1, 9}) {
        layers = layers % 3 + 1;
        for (int input : new int[] {1, 100}) {
          var problem = LstmProblem.whole(new LstmShape(batch, 1, input, hidden, layers));
          problem.requireReferenceStep("cuda", problem.step(machine(Way.STEP)));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void storagesMayBeginAnywhere(Way way) {
    for (int offset : new int[] {1, 3}) {
      var problem = LstmProblem.whole(new LstmShape(9, 3, 5, 32, 2));
      var machine = new Machine((batch, hidden) -> new LstmPath(way, 4), offset);
      problem.requireReference(way + ", offset " + offset, problem.run(machine));
    }
    var step = LstmProblem.whole(new LstmShape(9, 1, 5, 33, 2));
    var machine = new Machine((batch, hidden) -> new LstmPath(way, 1), 1);
    step.requireReferenceStep("offset 1", step.step(machine));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 24, 32, 40})
  void whatASequenceComputesDoesNotDependOnWhoSharesItsCluster(int hidden) {
    var problem = LstmProblem.whole(new LstmShape(11, 4, 3, hidden, 1));
    List<float[]> alone = problem.run(machine(new LstmPath(Way.CLUSTER, 1)));
    problem.requireReference("1 row", alone);
    for (int rows : new int[] {2, 4}) {
      assertSame(alone, problem.run(machine(new LstmPath(Way.CLUSTER, rows))));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void twoRunsGiveTheSameBitsInWhateverOrderBlocksAndWarpsRun(Way way) {
    var problem = LstmProblem.whole(new LstmShape(9, 5, 5, 40, 2));
    List<float[]> first = problem.run(machine(way));
    assertSame(first, problem.run(machine(way)));
    for (int seed = 1; seed <= 4; seed++) {
      long order = seed;
      DriverDouble.find().ifPresent(driver -> driver.setSchedule(order));
      assertSame(first, problem.run(machine(way)));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aBackwardMayRunAgain(Way way) {
    var problem = LstmProblem.whole(new LstmShape(3, 4, 5, 16, 2));
    assertSame(problem.run(machine(way)), problem.run(machine(way), 2));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aRecordedStepGivesTheSameBits(Way way) {
    var problem = LstmProblem.whole(new LstmShape(3, 4, 5, 16, 2));
    List<float[]> expected = problem.run(machine(way));
    try (var recorded = new Recorded(way)) {
      assertSame(expected, problem.run(recorded));
    }
  }

  /** Records each call and replays it twice: nothing may depend on what the first left behind. */
  private final class Recorded implements LstmProblem.Machine, LstmOperations, AutoCloseable {
    private final Machine machine;
    private final LstmOperations lstm;
    private final List<CudaGraph> graphs = new ArrayList<>();

    Recorded(Way way) {
      machine = machine(way);
      lstm = machine.lstm();
    }

    private void replay(Runnable work) {
      var values = new StepValues(1, new AdamStep(1e-3, 0.9, 0.999, 1e-8, 1, null));
      CudaGraph graph = CudaGraph.record(runtime, values, work);
      graphs.add(graph);
      for (int i = 0; i < 2; i++) {
        graph.replay(values);
      }
    }

    @Override
    public Storage put(float[] values) {
      return machine.put(values);
    }

    @Override
    public float[] get(Storage storage) {
      return machine.get(storage);
    }

    @Override
    public LstmOperations lstm() {
      return this;
    }

    @Override
    public String description() {
      return lstm.description();
    }

    @Override
    public int lstmReserve(LstmShape shape) {
      return lstm.lstmReserve(shape);
    }

    @Override
    public void lstmForward(
        LstmShape shape,
        Storage x,
        List<LstmWeights> weights,
        @Nullable LstmState initial,
        Storage y,
        LstmState last,
        Storage reserve) {
      replay(() -> lstm.lstmForward(shape, x, weights, initial, y, last, reserve));
    }

    @Override
    public void lstmBackward(
        LstmShape shape,
        Storage x,
        List<LstmWeights> weights,
        @Nullable LstmState initial,
        Storage reserve,
        @Nullable Storage dy,
        @Nullable LstmState dLast,
        @Nullable Storage dx,
        @Nullable LstmState dInitial,
        List<LstmWeights> dWeights) {
      replay(
          () ->
              lstm.lstmBackward(
                  shape, x, weights, initial, reserve, dy, dLast, dx, dInitial, dWeights));
    }

    @Override
    public void lstmStep(
        LstmShape shape, Storage x, List<LstmWeights> weights, LstmState before, LstmState after) {
      replay(() -> lstm.lstmStep(shape, x, weights, before, after));
    }

    @Override
    public void close() {
      graphs.forEach(CudaGraph::close);
    }
  }

  @Test
  void clustersTakeOneLaunchALayerAndStepsOneAStep() {
    DriverDouble driver = DriverDouble.find().orElseGet(Assumptions::abort);
    var problem = LstmProblem.whole(new LstmShape(3, 4, 5, 16, 2));
    problem.run(machine(Way.CLUSTER));
    assertEquals(2, driver.launches("lstm_persistent_forward_2"));
    assertEquals(2, driver.launches("lstm_persistent_backward_2"));
    assertEquals(0, driver.launches("lstm_step"));
    problem.run(machine(Way.STEP));
    assertEquals(2 * 4, driver.launches("lstm_step"));
    assertEquals(2 * 4, driver.launches("lstm_step_backward"));
    problem.run(machine(Way.PRODUCT));
    assertEquals(2 * 4, driver.launches("lstm_gates"));
    assertEquals(2 * 4, driver.launches("lstm_gates_backward"));
  }

  @Test
  void theChipChoosesTheWay() {
    DriverDouble driver = DriverDouble.find().orElseGet(Assumptions::abort);
    var problem = LstmProblem.whole(new LstmShape(3, 2, 5, 16, 1));
    List<float[]> met = problem.run(new Machine(null, 0));
    problem.requireReference("sm_90", met);
    assertEquals(1, driver.launches("lstm_persistent_forward_1"));
    close();
    open(7);
    met = problem.run(new Machine(null, 0));
    problem.requireReference("sm_75", met);
    assertEquals(2, driver.launches("lstm_step"));
    assertTrue(new CudaLstm(runtime, products).description().contains("sm_90"));
  }

  @Test
  void aDriverThatDoesNotReadTheClustersKernelsGoesStepByStep() {
    DriverDouble driver = DriverDouble.find().orElseGet(Assumptions::abort);
    driver.setDriverVersion(12_000);
    var problem = LstmProblem.whole(new LstmShape(3, 2, 5, 16, 1));
    problem.requireReference("an older driver", problem.run(new Machine(null, 0)));
    assertEquals(2, driver.launches("lstm_step"));
    assertTrue(new CudaLstm(runtime, products).description().contains("CUDA 12.1"));
  }

  @Test
  void cudnnTakesThePlaceOfTheKernels() {
    Cudnn.whyMissing().ifPresent(Assumptions::abort);
    try (var cudnn = new Cudnn(runtime.context())) {
      var chosen =
          new Machine(null, 0) {
            @Override
            public LstmOperations lstm() {
              return new CudnnLstmOperations(runtime, cudnn);
            }
          };
      var shape = new LstmShape(3, 4, 5, 8, 2);
      for (var problem :
          List.of(
              LstmProblem.whole(shape), new LstmProblem(shape, false, false, true, false, false))) {
        problem.requireReference("cudnn", problem.run(chosen));
      }
    }
  }

  private static void assertSame(List<float[]> expected, List<float[]> met) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), met.get(i), "result " + i);
    }
  }
}
