package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.work.OwnWork;
import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.tensor.Device;

/** Trains one step of the original's network as the first thing that a JVM does. */
public final class FirstStep {
  private FirstStep() {}

  /** Says so when the step is done. */
  public static void main(String[] arguments) {
    Task task = Row.named("lstm-train-8").task();
    try (OwnWork work = task.on(Device.cpu())) {
      work.run();
      System.out.println("done");
    }
  }
}
