package dev.impromptu.io;

/**
 * JSON that is malformed, or well formed but not what its reader expected. The message names the
 * source and either line and column or the path of the value: {@code model.json: settings.batch:
 * expected a number, met "x"}.
 */
public final class JsonException extends RuntimeException {
  /**
   * Reports a problem.
   *
   * @param message one sentence, beginning with the source
   */
  public JsonException(String message) {
    super(message);
  }
}
