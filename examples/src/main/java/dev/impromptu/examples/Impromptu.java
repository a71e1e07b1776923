package dev.impromptu.examples;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code ./impromptu COMMAND …}. */
@Command(
    name = "impromptu",
    mixinStandardHelpOptions = true,
    description = "Trains neural networks to compose piano music.")
public final class Impromptu implements Runnable {
  private Impromptu() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new Impromptu()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
