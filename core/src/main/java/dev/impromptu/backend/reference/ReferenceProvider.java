package dev.impromptu.backend.reference;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BackendProvider;
import dev.impromptu.backend.Precision;

/** Offers the reference backend, which works everywhere and is nobody's default. */
public final class ReferenceProvider implements BackendProvider {
  /** Needed by {@link java.util.ServiceLoader}. */
  public ReferenceProvider() {}

  @Override
  public String name() {
    return ReferenceBackend.NAME;
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public Backend open(Precision precision) {
    if (precision != Precision.FP32) {
      throw new IllegalArgumentException(
          "%s: it multiplies in fp32 only, not in %s; choose fp32 or another device"
              .formatted(name(), precision.optionName()));
    }
    return new ReferenceBackend();
  }
}
