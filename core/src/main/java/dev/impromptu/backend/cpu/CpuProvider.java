package dev.impromptu.backend.cpu;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BackendProvider;
import dev.impromptu.backend.Precision;

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
  public Backend open(Precision precision) {
    if (precision != Precision.FP32) {
      throw new IllegalArgumentException(
          "%s: it multiplies in fp32 only, not in %s; choose fp32 or another device"
              .formatted(name(), precision.optionName()));
    }
    return new CpuBackend();
  }
}
