package dev.impromptu.benchmarks.compare;

import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where the figures come from: without it they mean nothing. */
final class Machine {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  /** Makes OpenBLAS take the kernels of another processor. */
  private static final String CORE_TYPE = "OPENBLAS_CORETYPE";

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
    Optional.ofNullable(System.getenv(CORE_TYPE))
        .ifPresent(type -> lines.add(CORE_TYPE + "=" + type));
    return List.copyOf(lines);
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
