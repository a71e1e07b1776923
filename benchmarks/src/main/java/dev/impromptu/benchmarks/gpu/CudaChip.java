package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.Precision;
import dev.impromptu.benchmarks.Samples;
import dev.impromptu.cuda.CudaBackends;
import dev.impromptu.cuda.driver.Cublas;
import dev.impromptu.cuda.driver.CudaDriver;
import dev.impromptu.cuda.driver.CudaEvent;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.DriverContext;
import dev.impromptu.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A GPU, by its own clock: events in the stream of the work. */
final class CudaChip implements Chip {
  /** What the stand-in driver of the tests calls its device. */
  private static final String DOUBLE = "Impromptu driver double";

  private final DriverContext context;
  private final Map<Precision, Device> devices = new TreeMap<>();
  private @Nullable Cudnn cudnn;

  /**
   * Opens the first GPU.
   *
   * @throws dev.impromptu.cuda.driver.CudaException when there is none; the message says why
   */
  CudaChip() {
    context = CudaDriver.load().open(0);
  }

  /** What cuDNN's variants share with ours: the same stream. */
  DriverContext context() {
    return context;
  }

  /** Made when it is first asked for. */
  Cudnn cudnn() {
    if (cudnn == null) {
      cudnn = new Cudnn(context);
    }
    return cudnn;
  }

  @Override
  public String name() {
    return context.deviceName();
  }

  @Override
  public Optional<String> warning() {
    return name().equals(DOUBLE)
        ? Optional.of("driver double: times mean nothing")
        : Optional.empty();
  }

  @Override
  public List<String> description() {
    int version = CudaDriver.load().version();
    List<String> lines = new ArrayList<>();
    lines.add(
        "chip: %s, compute capability %d.%d, %d multiprocessors, %s"
            .formatted(
                name(),
                context.computeCapability() / 10,
                context.computeCapability() % 10,
                context.multiprocessors(),
                context.memoryInfo()));
    lines.add("driver: CUDA %d.%d".formatted(version / 1000, version % 1000 / 10));
    lines.add("cuBLAS: " + Cublas.whyMissing().orElseGet(this::cublas));
    lines.add("cuDNN: " + Cudnn.whyMissing().orElseGet(this::cudnnVersion));
    return lines;
  }

  private String cublas() {
    try (var cublas = new Cublas(context)) {
      return cublas.version() + ", " + named(cublas.library());
    }
  }

  private String cudnnVersion() {
    return cudnn().version() + ", " + named(cudnn().library());
  }

  /** Without its folder, which is this machine's own affair. */
  private static String named(String library) {
    return library.substring(library.lastIndexOf('/') + 1);
  }

  @Override
  public long cacheBytes() {
    return context.cacheBytes();
  }

  @Override
  public String own() {
    return Target.OWN;
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.values());
  }

  @Override
  public Device device(Precision precision) {
    return devices.computeIfAbsent(
        precision, wanted -> Device.of(CudaBackends.on(context, wanted)));
  }

  @Override
  public Samples time(List<Runnable> sets, Effort effort) {
    int warmUp = Math.max(effort.warmUp(), sets.size());
    for (int i = 0; i < warmUp; i++) {
      sets.get(i % sets.size()).run();
    }
    context.synchronize();
    double one = sample(sets, 1)[0] * 1e-6;
    return new Samples(sample(sets, effort.samples(one)));
  }

  private double[] sample(List<Runnable> sets, int count) {
    List<CudaEvent> events = new ArrayList<>();
    try {
      for (int i = 0; i < 2 * count; i++) {
        events.add(context.event());
      }
      for (int i = 0; i < count; i++) {
        events.get(2 * i).record();
        sets.get(i % sets.size()).run();
        events.get(2 * i + 1).record();
      }
      events.getLast().synchronize();
      double[] micros = new double[count];
      for (int i = 0; i < count; i++) {
        micros[i] = 1e3 * events.get(2 * i + 1).millisecondsSince(events.get(2 * i));
      }
      return micros;
    } finally {
      events.forEach(CudaEvent::close);
    }
  }

  @Override
  public void synchronize() {
    context.synchronize();
  }

  @Override
  public void close() {
    context.close();
  }
}
