package dev.impromptu.backend;

import java.util.Set;

/** How a backend is found: registered with {@link java.util.ServiceLoader}. */
public interface BackendProvider {
  /** The name that users choose it by, for example {@code cpu}. */
  String name();

  /** Among the backends that work, the one of highest rank is taken by default. */
  int rank();

  /** The precisions that it can multiply in. */
  Set<Precision> precisions();

  /**
   * Opens the backend.
   *
   * @param precision of its products, one of {@link #precisions}
   * @throws BackendUnavailableException when this machine lacks something it needs
   */
  Backend open(Precision precision);
}
