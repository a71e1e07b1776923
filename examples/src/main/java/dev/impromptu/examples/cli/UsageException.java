package dev.impromptu.examples.cli;

/** What was typed makes no sense, or asks for what does not exist: exit status 2. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Takes one sentence: what was met, what was expected, how to mend it. */
  UsageException(String message) {
    super(message);
  }

  /** Refuses an option that is no number from {@code least} up. */
  static void checkAtLeast(String option, long value, long least) {
    if (value < least) {
      throw new UsageException(
          "%s: met %d, expected a number of at least %d".formatted(option, value, least));
    }
  }

  /** Refuses an option that is no number up to {@code most}. */
  static void checkAtMost(String option, long value, long most) {
    if (value > most) {
      throw new UsageException("%s: met %d, expected at most %d".formatted(option, value, most));
    }
  }
}
