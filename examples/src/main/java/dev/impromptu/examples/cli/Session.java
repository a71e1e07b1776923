package dev.impromptu.examples.cli;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;

/** What one run of the program talks through. */
final class Session {
  private final PrintWriter out;
  private final PrintWriter err;
  private final List<String> arguments;
  private final Interruption interruption = new Interruption();

  Session(PrintWriter out, PrintWriter err, List<String> arguments) {
    this.out = out;
    this.err = err;
    this.arguments = arguments;
  }

  /** A result for programs, on standard output. */
  void figure(String name, Object value) {
    out.println(name + ": " + value);
  }

  /** A result with that many digits behind the point. */
  void figure(String name, double value, int digits) {
    figure(name, String.format(Locale.ROOT, "%." + digits + "f", value));
  }

  /** A sentence that is itself the result. */
  void say(String sentence) {
    out.println(sentence);
  }

  /** Progress or a remark for people, on standard error. */
  void note(String sentence) {
    err.println(sentence);
  }

  Interruption interruption() {
    return interruption;
  }

  /** What was typed, to be shown again. */
  List<String> arguments() {
    return arguments;
  }

  /**
   * Whether somebody watches standard error: what the launcher says, else whether the console is
   * one.
   */
  boolean terminal() {
    String told = System.getProperty("impromptu.terminal");
    if (told != null) {
      return Boolean.parseBoolean(told);
    }
    return System.console() != null && System.console().isTerminal();
  }

  /** Seconds since the JVM began; the system's own record of that is a second off at times. */
  static double age() {
    return (System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime())
        * 1e-3;
  }
}
