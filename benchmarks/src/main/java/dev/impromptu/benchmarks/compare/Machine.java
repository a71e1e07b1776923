package dev.impromptu.benchmarks.compare;

import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    lines.addAll(Device.cpu().backend().description());
    var limits = limits();
    if (!limits.isEmpty()) {
      lines.add("limited by " + String.join(", ", limits));
    }
    return List.copyOf(lines);
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
