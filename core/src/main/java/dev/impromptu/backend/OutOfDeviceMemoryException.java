package dev.impromptu.backend;

/** A device has too little memory left for what was asked. */
public final class OutOfDeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Makes one.
   *
   * @param message what was asked for, what is in use and what the device has
   * @param cause how the device put it
   */
  public OutOfDeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
