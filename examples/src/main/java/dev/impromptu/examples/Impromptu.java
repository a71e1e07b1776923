package dev.impromptu.examples;

import dev.impromptu.examples.cli.Program;
import java.io.PrintWriter;

/** The entry point of {@code ./impromptu}. */
public final class Impromptu {
  private static final String LOG_FORMAT = "java.util.logging.SimpleFormatter.format";

  private Impromptu() {}

  /** Runs the command line and ends the process with its exit status. */
  public static void main(String[] args) {
    if (System.getProperty(LOG_FORMAT) == null) {
      // The default takes two lines and names classes, which says nothing to a user.
      System.setProperty(LOG_FORMAT, "impromptu: %5$s%n");
    }
    var out = new PrintWriter(System.out, true);
    var err = new PrintWriter(System.err, true);
    System.exit(Program.run(out, err, args));
  }
}
