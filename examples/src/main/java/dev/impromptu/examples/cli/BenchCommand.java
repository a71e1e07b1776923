package dev.impromptu.examples.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Runs the benchmarks in a process of their own: they measure a JVM, so it must not be one that has
 * done other things.
 */
@Command(
    name = "bench",
    description = {
      "Run the JMH benchmarks.",
      "JMH's own options may stand among the names: -l lists the benchmarks, -f, -wi and -i set"
          + " the forks and iterations, '-- -h' tells all of them."
    })
final class BenchCommand implements Callable<Integer> {
  private static final Path JAR = Path.of("benchmarks", "target", "benchmarks.jar");

  private final Session session;

  @Parameters(
      arity = "0..*",
      paramLabel = "NAME",
      description = "Parts of the names of those to run, and options of JMH (default: all).")
  private List<String> names = List.of();

  BenchCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path jar =
        find()
            .orElseThrow(
                () ->
                    new InputException(
                        JAR
                            + " is not there; build it with './mvnw -B -q package -DskipTests -pl"
                            + " benchmarks -am', or start this through ./impromptu, which does"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The launcher's flags, and those that the user gave it.
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(names);
    session.note("running " + jar);
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  /** Looks in every folder above the program and above where it was started. */
  private static Optional<Path> find() {
    List<Path> starts = new ArrayList<>();
    starts.add(Path.of("").toAbsolutePath());
    try {
      var source = BenchCommand.class.getProtectionDomain().getCodeSource();
      if (source != null) {
        starts.add(Path.of(source.getLocation().toURI()));
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the class path holds a place that is no address", e);
    }
    for (Path start : starts) {
      for (Path folder = start; folder != null; folder = folder.getParent()) {
        if (Files.isRegularFile(folder.resolve(JAR))) {
          return Optional.of(folder.resolve(JAR));
        }
      }
    }
    return Optional.empty();
  }
}
