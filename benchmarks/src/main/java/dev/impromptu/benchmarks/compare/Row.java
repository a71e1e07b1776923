package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.music.model.LstmComposer;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One line of the table of ratios.
 *
 * @param name by which {@code --only} picks it
 * @param title for people
 * @param group of lines that stand together
 * @param task what Impromptu does
 * @param peerTask what the other library does for the same result
 * @param target the ratio of speeds to reach
 * @param threads that compute, where not as many as there are processors
 */
record Row(
    String name,
    String title,
    Group group,
    Task task,
    Task peerTask,
    OptionalDouble target,
    OptionalInt threads) {
  /** Which lines stand together. */
  enum Group {
    /** What the machine can do. */
    PEAK,
    /** What has a target, and what it is made of. */
    TABLE,
    /** The same work by number of threads. */
    THREADS,
    /** The same work by the LSTM's hidden size. */
    HIDDEN
  }

  /** Everything that is compared, in the order of the table. */
  static List<Row> all() {
    return List.of(
        row("product", "product of 1024 × 1024 matrices", Group.PEAK, new Task.Product(1024)),
        training(8, true, 2.5),
        training(64, true, 1.8),
        training(256, true, 1.8),
        training(8, false, Double.NaN),
        training(64, false, Double.NaN),
        row(
                "lstm-generate",
                "generation, LSTM, batch 1",
                Group.TABLE,
                new Task.LstmGeneration(original()))
            .withTarget(8));
  }

  private static LstmComposer.Sizes original() {
    return LstmComposer.Sizes.original(Task.VOCABULARY);
  }

  private static Row training(int batch, boolean update, double target) {
    Row row =
        row(
            (update ? "lstm-train-" : "lstm-gradients-") + batch,
            (update ? "original's training step, batch " : "its gradients alone, batch ") + batch,
            Group.TABLE,
            new Task.LstmTraining(original(), batch, update));
    return update ? row.withTarget(target) : row;
  }

  private static Row row(String name, String title, Group group, Task task) {
    return new Row(name, title, group, task, task, OptionalDouble.empty(), OptionalInt.empty());
  }

  private Row withTarget(double ratio) {
    return new Row(name, title, group, task, peerTask, OptionalDouble.of(ratio), threads);
  }

  /**
   * The row of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Row named(String name) {
    return all().stream()
        .filter(row -> row.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "bench --peers: there is no row '%s'; there are %s"
                        .formatted(name, all().stream().map(Row::name).toList())));
  }
}
