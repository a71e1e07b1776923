package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.BackendUnavailableException;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.StepValues;
import dev.impromptu.cuda.CudaOptions.Implementation;
import dev.impromptu.cuda.CudaOptions.Products;
import dev.impromptu.cuda.driver.Cublas;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import dev.impromptu.data.Examples;
import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.Mode;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.train.Objective;
import dev.impromptu.train.RecordableObjective;
import dev.impromptu.train.Trainer;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A device whose memory is just enough, or not quite. */
class ScarceMemoryTest {
  private static final int WIDTH = 64;
  private static final int SMALL = 2;
  private static final int LARGE = 64;

  private DriverDouble driver;

  @BeforeEach
  void look() {
    TestDriver.open().close();
    driver = DriverDouble.find().orElse(null);
    Assumptions.assumeTrue(driver != null, "This needs the stand-in driver");
    driver.reset();
  }

  @AfterEach
  void reset() {
    if (driver != null) {
      driver.reset();
      driver.setMemory(0);
    }
  }

  @Test
  void whatAnOperationLacksForItselfIsToldWithTheScopes() {
    long most;
    try (Device device = open()) {
      backward(device);
      most = driver.mostBytes();
    }
    driver.setMemory(most - 1);
    try (Device device = open()) {
      var e = assertThrows(OutOfDeviceMemoryException.class, () -> backward(device));

      Throwable cause = e.getCause();
      assertTrue(
          Arrays.stream(cause.getStackTrace())
              .anyMatch(frame -> frame.getMethodName().equals("lstmBackward")),
          "the backend's own request is what fails");
      assertTrue(e.getMessage().matches("(?s)cuda: .* were asked for; .*"), e.getMessage());
      assertTrue(e.getMessage().contains("scope: "), e.getMessage());
      assertTrue(e.getMessage().contains("device cuda: "), e.getMessage());
      assertTrue(e.getMessage().contains("--batch"), e.getMessage());
    }
  }

  @Test
  void kernelsThatFindNoRoomAreToldWithTheScopes() {
    try (Device device = open();
        var _ = Scope.open()) {
      Tensor x = Tensor.zeros(device, Shape.of(3));
      driver.failNext("cuModuleLoadDataEx", CUresult.CUDA_ERROR_OUT_OF_MEMORY);
      driver.failNext("cuModuleLoadDataEx", CUresult.CUDA_ERROR_OUT_OF_MEMORY);

      requireTold(x::exp, "cuda: elementwise.cu was to be loaded; ");
      assertArrayEquals(new float[] {1, 1, 1}, x.exp().toFloatArray(), "it has room now");
    }
  }

  @Test
  void whatCudnnPreparesIsToldWithTheScopesWhereItFindsNoRoom() {
    Assumptions.assumeTrue(Cudnn.whyMissing().isEmpty(), "This needs cuDNN");
    System.setProperty("impromptu.cuda.lstm", "cudnn");
    try (Device device = open();
        var _ = Scope.open()) {
      var lstm = new LSTM(device, 4, 16, 1, new PhiloxRandom(1));
      Tensor x = Tensor.zeros(device, Shape.of(8, 32, 4));
      // Behind the outputs.
      driver.failAfter("cuMemAlloc", 3, CUresult.CUDA_ERROR_OUT_OF_MEMORY);
      driver.failAfter("cuMemAlloc", 3, CUresult.CUDA_ERROR_OUT_OF_MEMORY);

      requireTold(() -> lstm.forward(x), "cuda: cuDNN was to be prepared for LstmShape[");
      lstm.forward(x).y().toFloatArray();
    } finally {
      System.clearProperty("impromptu.cuda.lstm");
    }
  }

  @Test
  void whatIsKeptForLaterUseIsFreedForKernelsAndForCudnn() {
    Assumptions.assumeTrue(Cudnn.whyMissing().isEmpty(), "This needs cuDNN");
    var options =
        new CudaOptions(Products.KERNEL, Implementation.CUDNN, Implementation.KERNEL, false, false);
    try (var runtime = new CudaRuntime(TestDriver.open(), Precision.FP32, options);
        var cudnn = new Cudnn(runtime.context());
        var lstm = new CudnnLstmOperations(runtime, cudnn)) {
      for (String call : List.of("cuModuleLoadDataEx", "cuMemAlloc")) {
        runtime.allocate(DType.FLOAT32, 10 << 20).close();
        assertTrue(runtime.pool().keptBytes() > 0);
        driver.failNext(call, CUresult.CUDA_ERROR_OUT_OF_MEMORY);
        if (call.equals("cuModuleLoadDataEx")) {
          runtime.family("adam").load();
        } else {
          lstm.lstmReserve(new LstmShape(2, 3, 4, 5, 1));
        }
        assertEquals(0, runtime.pool().keptBytes(), call);
      }
    }
  }

  @Test
  void aCardThatIsFullWhenItIsOpenedIsTold() {
    Assumptions.assumeTrue(Cublas.whyMissing().isEmpty(), "This needs cuBLAS");
    driver.setMemory(1 << 20);
    var e = assertThrows(BackendUnavailableException.class, ScarceMemoryTest::open);

    assertTrue(e.getMessage().startsWith("cuda: cuBLAS was to get its work space; "), message(e));
    assertTrue(e.getMessage().contains(" of 1.0 MiB free"), message(e));
    assertTrue(e.getMessage().contains("nvidia-smi"), message(e));

    driver.setMemory(4);
    e = assertThrows(BackendUnavailableException.class, ScarceMemoryTest::open);

    assertTrue(e.getMessage().startsWith("cuMemAlloc(bytes 16): "), message(e));
    assertTrue(e.getMessage().contains("nvidia-smi"), message(e));
  }

  private static void requireTold(Executable work, String asked) {
    var e = assertThrows(OutOfDeviceMemoryException.class, work);
    assertTrue(e.getMessage().startsWith(asked), message(e));
    assertTrue(e.getMessage().contains(" are in use and "), message(e));
    assertTrue(e.getMessage().contains("scope: "), message(e));
    assertTrue(e.getMessage().contains("--batch"), message(e));
  }

  private static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  private static void backward(Device device) {
    try (var _ = Scope.open()) {
      var lstm = new LSTM(device, 4, 16, 1, new PhiloxRandom(1));
      Tensor x = Tensor.zeros(device, Shape.of(8, 32, 4));
      lstm.forward(x).y().sum().backward();
    }
  }

  @Test
  void aStepThatFitsButCannotBeRecordedIsTold() {
    Run told = train(false, new int[] {LARGE, LARGE, LARGE, LARGE}, 3);
    driver.setMemory(driver.mostBytes());
    Run met = train(true, new int[] {LARGE, LARGE, LARGE, LARGE}, 3);

    assertEquals(1, driver.calls("cuStreamBeginCapture"));
    assertEquals(0, driver.calls("cuGraphLaunch"));
    told.requireSame(met);
  }

  @Test
  void aStepThatNeedsTheMemoryOfRecordedOnesGetsIt() {
    int[] sizes = {SMALL, SMALL, SMALL, SMALL, SMALL, LARGE};
    Run told = train(false, sizes, 1);
    driver.setMemory(driver.mostBytes());
    Run met = train(true, sizes, 1);

    assertTrue(driver.calls("cuGraphLaunch") > 0, "small steps were replayed before");
    told.requireSame(met);
  }

  @Test
  void whatIsKeptForOtherSizesIsFreedBeforeARecording() {
    driver.setMemory(64 << 20);
    var options =
        new CudaOptions(
            Products.KERNEL, Implementation.KERNEL, Implementation.KERNEL, false, false);
    try (var runtime = new CudaRuntime(TestDriver.open(), Precision.FP32, options)) {
      runtime.allocate(DType.FLOAT32, 10 << 20).close();
      CudaGraph.record(
              runtime,
              new StepValues(1, new AdamStep(1e-3, 0.9, 0.999, 1e-8, 1, null)),
              () -> runtime.allocate(DType.FLOAT32, 11 << 20).close())
          .close();
    }
  }

  /** The losses after each step, and the parameters after the last. */
  private record Run(List<Double> losses, List<float[]> parameters) {
    void requireSame(Run other) {
      assertEquals(losses, other.losses);
      for (int i = 0; i < parameters.size(); i++) {
        assertArrayEquals(parameters.get(i), other.parameters.get(i));
      }
    }
  }

  /** One example a step, of so many rows. */
  private Run train(boolean recordable, int[] sizes, int epochs) {
    try (Device device = open()) {
      var layer = new Linear(device, WIDTH, WIDTH, new PhiloxRandom(1));
      var adam = new Adam(layer, 1e-2, 1);
      List<Double> losses = new ArrayList<>();
      var listener =
          new TrainingListener() {
            @Override
            public void onStep(TrainingState state) {
              losses.add(state.partial().lossSum());
            }
          };
      var recorded = new Rows(device, layer);
      Objective<Integer> objective = recordable ? recorded : recorded::measure;
      new Trainer<Integer>(adam, 1, 5, TrainingState.START, List.of(listener))
          .fit(objective, new Sizes(sizes), new Sizes(SMALL), epochs);
      return new Run(
          losses,
          Module.parameters(layer).values().stream()
              .map(parameter -> parameter.value().toFloatArray())
              .toList());
    }
  }

  private record Sizes(int... each) implements Examples<Integer> {
    @Override
    public int size() {
      return each.length;
    }

    @Override
    public Integer batch(int[] indices) {
      return each[indices[0]];
    }
  }

  /** Makes the outputs for that many rows small. */
  private record Rows(Device device, Linear layer) implements RecordableObjective<Integer> {
    @Override
    public List<HostTensor> inputs(Integer rows) {
      float[] values = new float[rows * WIDTH];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) Math.sin(i + rows);
      }
      return List.of(new HostTensor.Values(Shape.of(rows, WIDTH), values));
    }

    @Override
    public Judged judge(List<Tensor> inputs, Mode mode) {
      Tensor y = layer.forward(inputs.getFirst());
      return new Judged(y.times(y).mean(), y.detach().argMax());
    }

    @Override
    public int correct(Integer rows, int[] predictions) {
      return 0;
    }
  }

  private static Device open() {
    return Device.of(new CudaProvider().open(Precision.FP32));
  }
}
