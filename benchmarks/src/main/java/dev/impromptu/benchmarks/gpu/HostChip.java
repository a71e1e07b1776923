package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.Precision;
import dev.impromptu.benchmarks.Samples;
import dev.impromptu.tensor.Device;
import java.util.List;
import java.util.Optional;

/** The processor, by the clock of the system: shows that the harness works where no GPU is. */
final class HostChip implements Chip {
  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Optional<String> warning() {
    return Optional.of("no GPU: times mean nothing");
  }

  @Override
  public List<String> description() {
    return Device.cpu().backend().description();
  }

  @Override
  public long cacheBytes() {
    return 0;
  }

  @Override
  public String own() {
    return name();
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.FP32);
  }

  @Override
  public Device device(Precision precision) {
    return Device.named("cpu", precision);
  }

  @Override
  public Samples time(List<Runnable> sets, Effort effort) {
    for (int i = 0; i < effort.warmUp(); i++) {
      sets.get(i % sets.size()).run();
    }
    double[] micros = new double[effort.least()];
    for (int i = 0; i < micros.length; i++) {
      long start = System.nanoTime();
      sets.get(i % sets.size()).run();
      micros[i] = (System.nanoTime() - start) * 1e-3;
    }
    return new Samples(micros);
  }

  @Override
  public void synchronize() {
    // Every call has ended when it returns.
  }

  @Override
  public void close() {
    // The processor's device lasts as long as the process.
  }
}
