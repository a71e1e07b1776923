package dev.impromptu.benchmarks.compare;

import com.sun.management.OperatingSystemMXBean;
import dev.impromptu.benchmarks.WarmKernels;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the figures come from: without it they mean nothing. */
final class Machine {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  /** Make libraries take the kernels of another processor. */
  private static final List<String> LIMITS =
      List.of(
          "OPENBLAS_CORETYPE",
          "MKL_ENABLE_INSTRUCTIONS",
          "ONEDNN_MAX_CPU_ISA",
          "ATEN_CPU_CAPABILITY");

  /** Does so for the JVM. */
  private static final String JVM_LIMIT = "-XX:UseAVX=";

  private Machine() {}

  /** This one, a line for each fact. */
  static List<String> description() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s, %d cores, %s %s"
            .formatted(
                Files.exists(PROCESSORS)
                    ? model(Files.readAllLines(PROCESSORS))
                    : "processor unknown",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch")));
    lines.add(
        "%s %s"
            .formatted(
                System.getProperty("java.vm.name"), System.getProperty("java.runtime.version")));
    WarmKernels.await(Device.cpu());
    Device.cpu().backend().description().forEach(line -> lines.add(withoutPath(line)));
    if (Files.exists(PROCESSORS)) {
      lines.add("instructions: " + instructions(Files.readAllLines(PROCESSORS)));
    }
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      lines.add("memory: %d GiB".formatted(Math.round(system.getTotalMemorySize() / 0x1p30)));
    }
    var limits = limits();
    if (!limits.isEmpty()) {
      lines.add("limited by " + String.join(", ", limits));
    }
    return List.copyOf(lines);
  }

  /** Where a library lies says nothing about its speed, and names somebody's home. */
  static String withoutPath(String line) {
    return line.replaceFirst(" from \\S.*$", "");
  }

  /** The widest that the processor has, from the lines of {@code /proc/cpuinfo}. */
  static String instructions(List<String> lines) {
    List<String> flags =
        lines.stream()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> List.of(line.split("\\s+")))
            .orElse(List.of());
    return flags.contains("avx512f")
        ? "AVX-512"
        : flags.contains("avx2") ? "AVX2" : flags.contains("avx") ? "AVX" : "unknown";
  }

  /**
   * That of the folder's checkout, -dirty where something else was changed than the results, which
   * measuring itself changes; unknown outside of one.
   */
  static String commit(Path folder) {
    Optional<String> commit = git(folder, "rev-parse", "--short=12", "HEAD");
    Optional<String> changes =
        git(
            folder,
            "status",
            "--porcelain",
            "-uno",
            "--",
            ":/",
            ":(exclude,top,glob)benchmarks/*.md",
            ":(exclude,top,glob)benchmarks/*.json",
            ":(exclude,top,glob)benchmarks/*.png",
            ":(exclude,top)benchmarks/avx2");
    return commit.isEmpty() || changes.isEmpty()
        ? "unknown"
        : commit.get() + (changes.get().isEmpty() ? "" : "-dirty");
  }

  /** What a command of git says; nothing where it fails or there is no git. */
  private static Optional<String> git(Path folder, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    try {
      Process git =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor() == 0 ? Optional.of(said) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static List<String> limits() {
    var ofJvm =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith(JVM_LIMIT));
    var ofLibraries =
        LIMITS.stream()
            .filter(name -> System.getenv(name) != null)
            .map(name -> name + "=" + System.getenv(name));
    return Stream.concat(ofJvm, ofLibraries).toList();
  }

  /** From the lines of {@code /proc/cpuinfo}. */
  static String model(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("processor unknown");
  }
}
