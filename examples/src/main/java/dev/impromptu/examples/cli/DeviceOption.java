package dev.impromptu.examples.cli;

import dev.impromptu.backend.Precision;
import dev.impromptu.tensor.Device;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Where to compute. */
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "auto|cpu|cuda",
      defaultValue = "auto",
      description =
          "Where to compute; auto takes the fastest that works (default: ${DEFAULT-VALUE}).")
  private String name = "auto";

  /** For picocli. */
  DeviceOption() {}

  /** Refuses what does not exist, before time is spent on other things. */
  void check() {
    switch (name) {
      case "auto", "cpu", "cuda" -> {}
      default ->
          throw new UsageException("--device: met '" + name + "', expected auto, cpu or cuda");
    }
  }

  /**
   * Opens it.
   *
   * @throws dev.impromptu.backend.BackendUnavailableException when this machine lacks something
   */
  Device open() {
    return open(Precision.FP32);
  }

  private Device open(Precision precision) {
    check();
    return name.equals("auto") ? Device.best(precision) : Device.named(name, precision);
  }

  /** Begins to open it on another thread, so that a program can read its data meanwhile. */
  Supplier<Device> openMeanwhile(Precision precision) {
    check();
    var opening = CompletableFuture.supplyAsync(() -> open(precision));
    return () -> {
      try {
        return opening.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    };
  }
}
