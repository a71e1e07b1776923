package dev.impromptu.examples.cli;

import dev.impromptu.backend.BackendProvider;
import dev.impromptu.backend.BackendUnavailableException;
import dev.impromptu.tensor.Device;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
    List<String> remarks = new ArrayList<>();
    Optional<String> lacking = Optional.empty();
    List<BackendProvider> providers = new ArrayList<>(Device.providers());
    providers.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
    for (BackendProvider provider : providers) {
      Optional<String> failure = tell(provider, remarks);
      if (provider.name().equals("cuda")) {
        lacking = failure;
      }
    }
    session.figure("taken", Device.best().name());
    session.figure("advice", advice(vector, remarks, lacking));
    return 0;
  }

  /** Why it does not work, if it does not. */
  private Optional<String> tell(BackendProvider provider, List<String> remarks) {
    String name = "backend_" + provider.name();
    try {
      Device device = Device.named(provider.name());
      session.figure(name, "works");
      for (String line : device.backend().description()) {
        session.figure(name, line);
        remarks.add(line);
      }
      return Optional.empty();
    } catch (BackendUnavailableException e) {
      session.figure(name, "does not work here: " + e.getMessage());
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static String advice(boolean vector, List<String> remarks, Optional<String> lacking) {
    if (!vector) {
      return "start Java with --add-modules " + VECTOR_MODULE + ", as ./impromptu does";
    }
    if (remarks.stream().anyMatch(remark -> remark.contains("no OpenBLAS"))) {
      return "OpenBLAS was not found; put org.bytedeco:openblas on the class path, as ./impromptu"
          + " does, or set -Dimpromptu.openblas=PATH";
    }
    return lacking
        .map(reason -> "nothing is missing for the processor; a graphics card: " + reason)
        .orElse("nothing is missing");
  }
}
