package dev.impromptu.benchmarks;

import dev.impromptu.functional.GatedConv1d;
import dev.impromptu.nn.CausalConv1d;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.Parameter;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Tensor;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The dilated convolution of the original's WaveNet: 32 channels to twice 32, kernel 2, 32 steps.
 *
 * <p>Run it with {@code ./impromptu bench CausalConv1dBenchmark}; {@code -p batch=8} picks one
 * size, {@code -p backend=cuda} another device.
 */
public class CausalConv1dBenchmark extends DeviceBenchmark {
  private static final int IN = 32;
  private static final int OUT = 64;
  private static final int KERNEL = 2;
  private static final int TIME = 32;

  /** Sequences computed together. */
  @Param({"8", "64", "256"})
  public int batch;

  /** Steps from one tap to the next. */
  @Param({"1", "8"})
  public int dilation;

  private CausalConv1d convolution;
  private List<Tensor> parameters;
  private Scope inputs;
  private Tensor x;

  /** Default constructor, called by JMH. */
  public CausalConv1dBenchmark() {}

  /** Makes the layer and its input, and compares some sequences with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    check("causalConv1d", 8 * TIME, on -> checked(on, convolution(on), false));
    check("gatedConv1d", 8 * TIME, on -> checked(on, convolution(on), true));
    convolution = convolution(device());
    parameters = parameters(convolution);
    inputs = Scope.open();
    x = random(device(), 2, batch, TIME, IN).tracked();
  }

  private CausalConv1d convolution(Device device) {
    return new CausalConv1d(device, IN, OUT, KERNEL, dilation, new PhiloxRandom(1));
  }

  private double[] checked(Device device, CausalConv1d checked, boolean gated) {
    try (var _ = Scope.open()) {
      Tensor input = random(device, 2, 8, TIME, IN);
      Tensor y = gated ? gated(input, parameters(checked)) : checked.forward(input);
      return learned(checked, y.square().mean());
    }
  }

  private static List<Tensor> parameters(CausalConv1d layer) {
    return Module.parameters(layer).values().stream().map(Parameter::value).toList();
  }

  private Tensor gated(Tensor input, List<Tensor> weights) {
    return GatedConv1d.gatedConv1d(input, weights.getFirst(), weights.getLast(), dilation);
  }

  /** Gives the input back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    inputs.close();
  }

  /** The outputs alone. */
  @Benchmark
  public double forward() {
    try (var _ = Scope.inference()) {
      return convolution.forward(x).sum().item();
    }
  }

  /** The outputs and the gradients of input and parameters. */
  @Benchmark
  public double forwardBackward() {
    try (var _ = Scope.open()) {
      return learn(convolution.forward(x).sum());
    }
  }

  /** The same behind WaveNet's gate. */
  @Benchmark
  public double gatedForwardBackward() {
    try (var _ = Scope.open()) {
      return learn(gated(x, parameters).sum());
    }
  }

  /** Reads the loss last: a device that works on its own has then done everything. */
  private static double learn(Tensor loss) {
    return loss.backward().size() + loss.item();
  }
}
