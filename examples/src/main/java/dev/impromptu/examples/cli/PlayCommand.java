package dev.impromptu.examples.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Will play a file aloud. */
@Command(name = "play", description = "Play a MIDI file aloud (not built yet).")
final class PlayCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "FILE.mid", description = "What to play.")
  private @Nullable Path file;

  @Override
  public Integer call() {
    throw UsageException.notBuiltYet(
        "play", "'impromptu compose --wav FILE' writes sound that any player plays");
  }
}
