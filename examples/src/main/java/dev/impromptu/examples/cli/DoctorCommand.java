package dev.impromptu.examples.cli;

import dev.impromptu.backend.BackendProvider;
import dev.impromptu.backend.BackendUnavailableException;
import dev.impromptu.tensor.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Says what computes here. */
@Command(
    name = "doctor",
    description = "Say which backends work here, which is taken, and why there is no faster one.")
final class DoctorCommand implements Callable<Integer> {
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private final Session session;

  DoctorCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Runtime runtime = Runtime.getRuntime();
    session.figure("java", Runtime.version() + ", " + System.getProperty("java.vendor"));
    session.figure(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ", "
            + System.getProperty("os.arch"));
    session.figure("processors", runtime.availableProcessors());
    session.figure("heap_limit_mb", runtime.maxMemory() >> 20);
    boolean vector = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
    session.figure(
        "vector_api", vector ? VectorSpecies.describe() : "absent, for want of a flag of the JVM");
    boolean driver = cudaDriver();
    session.figure("cuda_driver", driver ? "present" : "not found");
    List<String> remarks = new ArrayList<>();
    boolean cuda = false;
    List<BackendProvider> providers = new ArrayList<>(Device.providers());
    providers.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
    for (BackendProvider provider : providers) {
      boolean works = tell(provider, remarks);
      cuda |= works && provider.name().equals("cuda");
    }
    session.figure("taken", Device.best().name());
    session.figure("advice", advice(vector, remarks, driver, cuda));
    return 0;
  }

  private boolean tell(BackendProvider provider, List<String> remarks) {
    String name = "backend_" + provider.name();
    try {
      Device device = Device.named(provider.name());
      session.figure(name, "works");
      for (String line : device.backend().description()) {
        session.figure(name, line);
        remarks.add(line);
      }
      return true;
    } catch (BackendUnavailableException e) {
      session.figure(name, "does not work here: " + e.getMessage());
      return false;
    }
  }

  private static boolean cudaDriver() {
    boolean windows =
        System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
    try (var arena = Arena.ofConfined()) {
      return lookUp(windows ? "nvcuda.dll" : "libcuda.so.1", arena);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @SuppressWarnings("restricted")
  private static boolean lookUp(String library, Arena arena) {
    return SymbolLookup.libraryLookup(library, arena).find("cuInit").isPresent();
  }

  private static String advice(boolean vector, List<String> remarks, boolean driver, boolean cuda) {
    if (!vector) {
      return "start Java with --add-modules " + VECTOR_MODULE + ", as ./impromptu does";
    }
    if (remarks.stream().anyMatch(remark -> remark.contains("no OpenBLAS"))) {
      return "OpenBLAS was not found; put org.bytedeco:openblas on the class path, as ./impromptu"
          + " does, or set -Dimpromptu.openblas=PATH";
    }
    if (cuda) {
      return "nothing is missing";
    }
    return driver
        ? "nothing is missing for the processor; a CUDA driver is here, but the CUDA backend is"
            + " not built yet"
        : "nothing is missing for the processor; a CUDA graphics card would be faster, but the"
            + " CUDA backend is not built yet";
  }
}
