package dev.impromptu.examples.cli;

/** The input or the state of the files does not allow what was asked: exit status 1. */
final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Takes one sentence: what was met, what was expected, how to mend it. */
  InputException(String message) {
    super(message);
  }
}
