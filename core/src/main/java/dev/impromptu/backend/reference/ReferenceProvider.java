package dev.impromptu.backend.reference;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BackendProvider;
import dev.impromptu.backend.Precision;
import java.util.Set;

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
  public Set<Precision> precisions() {
    return Set.of(Precision.FP32);
  }

  @Override
  public Backend open(Precision precision) {
    return new ReferenceBackend();
  }
}
