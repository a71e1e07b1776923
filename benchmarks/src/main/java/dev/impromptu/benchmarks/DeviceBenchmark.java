package dev.impromptu.benchmarks;

import dev.impromptu.benchmarks.work.OwnWork;
import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.nn.Module;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.Tolerance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How everything that runs on a device is timed: milliseconds a call, in a process of its own,
 * after its result was compared with the reference device's, and before that is done again. {@code
 * -p backend=cuda} times another device, {@code -prof gc} adds the bytes that all threads allocate
 * in a call.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx1g",
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED"
    })
public abstract class DeviceBenchmark {
  /** Which device computes. */
  @Param("cpu")
  public String backend = "cpu";

  private final List<Runnable> checks = new ArrayList<>();

  /** For subclasses. */
  protected DeviceBenchmark() {}

  /** The device to time. */
  protected final Device device() {
    return Device.named(backend);
  }

  /**
   * Compares what the device computes with the reference, now and again once all has been timed: by
   * then the device's fastest kernels are in use.
   *
   * @param what it is, for the message
   * @param terms of the longest sum behind a result
   * @param result computes it on the device given
   * @throws AssertionError when they differ: what is wrong is not timed
   */
  protected final void check(String what, int terms, Function<Device, double[]> result) {
    double[] expected = result.apply(Device.reference());
    Runnable compare =
        () ->
            Tolerance.requireClose(
                what + " on " + backend,
                result.apply(device()),
                expected,
                Tolerance.float32(terms));
    compare.run();
    if (!WarmKernels.await(device())) {
      System.err.println("PLAIN JAVA is timed: the kernels of the Vector API are not in use");
    }
    checks.add(compare);
  }

  /** Compares once more. */
  @TearDown(Level.Trial)
  public void checkAgain() {
    checks.forEach(Runnable::run);
  }

  /** A loss, and its gradients with respect to all parameters of a model. */
  protected static double[] learned(Module model, Tensor loss) {
    Gradients gradients = loss.backward();
    return DoubleStream.concat(
            DoubleStream.of(loss.item()),
            Module.parameters(model).values().stream()
                .flatMapToDouble(p -> Arrays.stream(gradients.of(p.value()).toDoubleArray())))
        .toArray();
  }

  /**
   * Prepares a piece of work after checking the like of it.
   *
   * @param task to be timed
   * @param like the same on a size that the reference can do
   */
  protected final OwnWork checked(Task task, Task like, int terms) {
    check(
        like.toString(),
        terms,
        on -> {
          try (OwnWork work = like.on(on)) {
            return work.results();
          }
        });
    return task.on(device());
  }

  /** Values that look normally distributed and are the same on every device. */
  protected static Tensor random(Device device, long seed, int... sizes) {
    Shape shape = Shape.of(sizes);
    var random = new PhiloxRandom(seed);
    float[] values = new float[shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(device, shape, values);
  }
}
