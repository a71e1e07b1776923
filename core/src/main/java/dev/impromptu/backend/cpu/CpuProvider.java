package dev.impromptu.backend.cpu;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BackendProvider;

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
  public Backend open() {
    return new CpuBackend();
  }
}
