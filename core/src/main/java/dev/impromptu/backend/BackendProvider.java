package dev.impromptu.backend;

/** How a backend is found: registered with {@link java.util.ServiceLoader}. */
public interface BackendProvider {
  /** The name that users choose it by, for example {@code cpu}. */
  String name();

  /** Among the backends that work, the one of highest rank is taken by default. */
  int rank();

  /**
   * Opens the backend.
   *
   * @param precision of its products
   * @throws IllegalArgumentException when it does not multiply in that precision
   * @throws BackendUnavailableException when this machine lacks something it needs
   */
  Backend open(Precision precision);
}
