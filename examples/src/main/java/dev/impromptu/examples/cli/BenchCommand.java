package dev.impromptu.examples.cli;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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
          + " the forks and iterations, '-- -h' tells all of them.",
      "With --peers it compares Impromptu with PyTorch instead; with --soak it trains for a long"
          + " time and watches speed and memory."
    })
final class BenchCommand implements Callable<Integer> {
  private static final Path JAR = Path.of("benchmarks", "target", "benchmarks.jar");

  /** What keeps the JVM from longer vectors than those of AVX2, and what the libraries. */
  private static final String AVX2_JVM = "-XX:UseAVX=2";

  private static final Map<String, String> AVX2_LIBRARIES =
      Map.of(
          "OPENBLAS_CORETYPE", "Haswell",
          "MKL_ENABLE_INSTRUCTIONS", "AVX2",
          "ONEDNN_MAX_CPU_ISA", "AVX2",
          "ATEN_CPU_CAPABILITY", "avx2");

  private final Session session;

  @Option(
      names = "--peers",
      description =
          "Time Impromptu in turns with PyTorch and write benchmarks/RESULTS.md; NAMEs are rows"
              + " of its table. Linux on x86-64 alone; fetches PyTorch from Maven Central once"
              + " (default: the JMH benchmarks).")
  private boolean peers;

  @Option(
      names = "--avx2",
      description =
          "With --peers: allow both sides no longer vectors than those of AVX2, and write"
              + " benchmarks/avx2/RESULTS.md (default: what the processor has).")
  private boolean avx2;

  @Option(
      names = "--soak",
      paramLabel = "MINUTES",
      description =
          "Train the original's model so long and write benchmarks/soak.csv; exit status 1 where"
              + " speed or memory does not stay flat (default: the JMH benchmarks).")
  private @Nullable Double soak;

  @Parameters(
      arity = "0..*",
      paramLabel = "NAME",
      description =
          "Parts of the names of those to run, and options of JMH; with --peers, rows (default:"
              + " all).")
  private List<String> names = List.of();

  BenchCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (peers && soak != null) {
      throw new UsageException("--peers and --soak are two things; choose one");
    }
    if (avx2 && !peers) {
      throw new UsageException("--avx2 limits what --peers compares; add --peers");
    }
    if (soak != null && !(soak > 0)) {
      throw new UsageException("--soak: expected minutes above 0, met " + soak);
    }
    Path jar =
        find()
            .orElseThrow(
                () ->
                    new InputException(
                        JAR
                            + " is not there; build it with './mvnw -B -q package -Dmaven.test.skip=true -pl"
                            + " benchmarks -am', or start this through ./impromptu, which does"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The launcher's flags, and those that the user gave it.
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    var builder = new ProcessBuilder(command).inheritIO();
    if (avx2) {
      command.add(AVX2_JVM);
      builder.environment().putAll(AVX2_LIBRARIES);
    }
    command.addAll(program(jar));
    session.note("running " + jar);
    return builder.start().waitFor();
  }

  private List<String> program(Path jar) {
    Path folder = jar.resolve("../..").normalize();
    List<String> words = new ArrayList<>();
    if (peers) {
      Path target = folder.resolve("peers/target");
      if (!Files.isDirectory(target.resolve("lib"))) {
        throw new InputException(
            target.resolve("lib")
                + " is not there; build it with './mvnw -B -q package -Ppeers -Dmaven.test.skip=true -pl"
                + " benchmarks/peers -am', or start this through ./impromptu, which does");
      }
      // Where PyTorch is unpacked; the home folder stays as it is.
      words.add("-DDJL_CACHE_DIR=" + target.resolve("djl"));
      words.add("-cp");
      words.add(jar + File.pathSeparator + target.resolve("lib") + "/*");
      Path results = avx2 ? folder.resolve("avx2") : folder;
      words.addAll(List.of("dev.impromptu.benchmarks.compare.Compare", results.toString()));
    } else if (soak != null) {
      words.addAll(List.of("-cp", jar.toString(), "dev.impromptu.benchmarks.soak.Soak"));
      words.addAll(List.of(folder.resolve("soak.csv").toString(), soak.toString()));
    } else {
      words.addAll(List.of("-jar", jar.toString()));
    }
    words.addAll(names);
    return words;
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
