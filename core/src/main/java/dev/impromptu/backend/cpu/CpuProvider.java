package dev.impromptu.backend.cpu;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BackendProvider;
import dev.impromptu.backend.Precision;
import java.util.Set;

/** Offers the processor, which works everywhere. */
public final class CpuProvider implements BackendProvider {
  /** Needed by {@link java.util.ServiceLoader}. */
  public CpuProvider() {}

  @Override
  public String name() {
    return CpuBackend.NAME;
  }

  @Override
  public int rank() {
    return 10;
  }

  @Override
  public Set<Precision> precisions() {
    return Set.of(Precision.FP32);
  }

  @Override
  public Backend open(Precision precision) {
    return new CpuBackend();
  }
}
