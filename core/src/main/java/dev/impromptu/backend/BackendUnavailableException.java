package dev.impromptu.backend;

/** A backend cannot work on this machine; the message says what is missing. */
public final class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Makes one.
   *
   * @param message what is missing and how to get it
   */
  public BackendUnavailableException(String message) {
    super(message);
  }
}
