package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.music.model.LstmComposer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One line of the table of ratios.
 *
 * @param name by which {@code ./impromptu bench --peers NAME} picks it
 * @param title for people
 * @param group of lines that stand together
 * @param task what Impromptu does
 * @param peerTask what the other library does for the same result
 * @param target the ratio of speeds to reach
 * @param oneThread whether one thread computes; else as many as there are processors
 */
record Row(
    String name,
    String title,
    Group group,
    Task task,
    Task peerTask,
    OptionalDouble target,
    boolean oneThread) {
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
    List<Row> rows = new ArrayList<>();
    rows.add(peak());
    rows.add(training(8).toReach(2.5));
    rows.add(training(64).toReach(1.8));
    rows.add(training(256).toReach(1.8));
    for (int batch : new int[] {8, 64, 256}) {
      rows.add(
          row(
              "lstm-gradients-" + batch,
              "the same without Adam, batch " + batch,
              Group.TABLE,
              new Task.LstmTraining(original(256), batch, false)));
    }
    rows.add(
        row(
                "lstm-generate",
                "generation, LSTM, batch 1",
                Group.TABLE,
                new Task.LstmGeneration(original(256)))
            .toReach(8));
    rows.add(
        row(
                "wavenet-train",
                "WaveNet training, batch 8, T = 1,024",
                Group.TABLE,
                new Task.WaveNetTraining(8, 1024))
            .toReach(2.5));
    rows.add(
        row(
                "wavenet-generate",
                "WaveNet generation, streamed against recomputed",
                Group.TABLE,
                new Task.WaveNetGeneration(true))
            .against(new Task.WaveNetGeneration(false))
            .toReach(50));
    for (int batch : new int[] {8, 64}) {
      rows.add(training(batch).onOneThread());
    }
    for (int hidden : new int[] {64, 128, 256, 512, 1024}) {
      rows.add(
          row(
              "hidden-" + hidden,
              "training step, batch 64, hidden " + hidden,
              Group.HIDDEN,
              new Task.LstmTraining(original(hidden), 64, true)));
    }
    return rows;
  }

  /** The row that shows what the machine can do. */
  static Row peak() {
    return row("product", "product, 1024 × 1024 × 1024", Group.PEAK, new Task.Product(1024));
  }

  /** The original's network, perhaps with wider or narrower LSTM layers. */
  private static LstmComposer.Sizes original(int hidden) {
    var sizes = LstmComposer.Sizes.original(Task.VOCABULARY);
    return new LstmComposer.Sizes(
        sizes.vocabulary(),
        sizes.embedding(),
        hidden,
        sizes.layers(),
        sizes.head(),
        sizes.dropout());
  }

  private static Row training(int batch) {
    return row(
        "lstm-train-" + batch,
        "original's training step, batch " + batch,
        Group.TABLE,
        new Task.LstmTraining(original(256), batch, true));
  }

  private static Row row(String name, String title, Group group, Task task) {
    return new Row(name, title, group, task, task, OptionalDouble.empty(), false);
  }

  private Row toReach(double ratio) {
    return new Row(name, title, group, task, peerTask, OptionalDouble.of(ratio), oneThread);
  }

  private Row against(Task other) {
    return new Row(name, title, group, task, other, target, oneThread);
  }

  private Row onOneThread() {
    return new Row(
        name + "-one-thread", title + ", one thread", Group.THREADS, task, peerTask, target, true);
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
