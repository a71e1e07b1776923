package dev.impromptu.examples.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Will learn a sine wave. */
@Command(name = "sinusoid", description = "Learn a sine wave (not built yet).")
final class SinusoidCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where its files will go (default: none, it is not built yet).")
  private @Nullable Path out;

  @Option(names = "--seed", description = "Decides everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() {
    throw UsageException.notBuiltYet("sinusoid", "'impromptu demo' trains on music");
  }
}
