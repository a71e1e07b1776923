package dev.impromptu.train;

import dev.impromptu.io.JsonArray;
import dev.impromptu.io.JsonObject;
import dev.impromptu.optim.ReduceOnPlateau.Aim;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * How far a training run has come: with the parameters and the optimizer's state, all that is
 * needed to continue it to the last bit.
 *
 * @param epoch the epoch being trained, from 0
 * @param batch batches of that epoch already done
 * @param partial what they added up to
 * @param trainingSeconds what they took
 * @param history the epochs that are complete
 */
public record TrainingState(
    int epoch, int batch, Metrics partial, double trainingSeconds, List<EpochReport> history) {
  /** Nothing trained yet. */
  public static final TrainingState START = new TrainingState(0, 0, Metrics.NONE, 0, List.of());

  /** Copies the list. */
  public TrainingState {
    history = List.copyOf(history);
  }

  TrainingState afterBatch(Metrics sums, double stepSeconds) {
    return new TrainingState(epoch, batch + 1, sums, trainingSeconds + stepSeconds, history);
  }

  TrainingState afterEpoch(EpochReport report) {
    List<EpochReport> longer = new ArrayList<>(history);
    longer.add(report);
    return new TrainingState(epoch + 1, 0, Metrics.NONE, 0, longer);
  }

  /** The complete epoch of the highest validation accuracy, the first of equals. */
  public Optional<EpochReport> best() {
    return best(0);
  }

  /**
   * The best of the complete epochs from {@code firstEpoch} on: where a later part of a run is
   * measured otherwise, its figures cannot be held against earlier ones.
   */
  public Optional<EpochReport> best(int firstEpoch) {
    return best(firstEpoch, report -> report.validation().accuracy(), Aim.HIGHER);
  }

  /**
   * The complete epoch of the best measure, the first of equals; one that could not be measured,
   * NaN, only where there is no other.
   *
   * @param measure what counts of an epoch, for example {@code report ->
   *     report.validation().loss()}
   * @param aim which way is better
   */
  public Optional<EpochReport> best(ToDoubleFunction<EpochReport> measure, Aim aim) {
    return best(0, measure, aim);
  }

  private Optional<EpochReport> best(
      int firstEpoch, ToDoubleFunction<EpochReport> measure, Aim aim) {
    return history.stream()
        .filter(report -> report.epoch() >= firstEpoch)
        .reduce(
            (a, b) -> {
              double value = measure.applyAsDouble(b);
              return EarlyStopping.isBetter(value, measure.applyAsDouble(a), aim, 0) ? b : a;
            });
  }

  /**
   * For a checkpoint; {@link #of} reads it. What is no number or infinite, such as the loss of a
   * run that has gone astray, is written as text: JSON has no numbers of that kind.
   */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("epoch", epoch)
        .put("batch", batch)
        .put("partial", toJson(partial))
        .put("training_seconds", Numbers.toJson(trainingSeconds))
        .put("history", JsonArray.of(history.stream().map(TrainingState::toJson).toList()))
        .build();
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws dev.impromptu.io.JsonException when something is missing or of another kind
   */
  public static TrainingState of(JsonObject json) {
    return new TrainingState(
        json.integer("epoch"),
        json.integer("batch"),
        metrics(json.object("partial")),
        Numbers.of(json, "training_seconds"),
        json.array("history").objects().stream().map(TrainingState::report).toList());
  }

  private static JsonObject toJson(EpochReport report) {
    return JsonObject.builder()
        .put("epoch", report.epoch())
        .put("training", toJson(report.training()))
        .put("validation", toJson(report.validation()))
        .put("training_seconds", Numbers.toJson(report.trainingSeconds()))
        .put("seconds", Numbers.toJson(report.seconds()))
        .build();
  }

  private static EpochReport report(JsonObject json) {
    return new EpochReport(
        json.integer("epoch"),
        metrics(json.object("training")),
        metrics(json.object("validation")),
        Numbers.of(json, "training_seconds"),
        Numbers.of(json, "seconds"));
  }

  private static JsonObject toJson(Metrics metrics) {
    return JsonObject.builder()
        .put("loss_sum", Numbers.toJson(metrics.lossSum()))
        .put("examples", metrics.examples())
        .put("correct", metrics.correct())
        .put("total", metrics.total())
        .build();
  }

  private static Metrics metrics(JsonObject json) {
    return new Metrics(
        Numbers.of(json, "loss_sum"),
        json.longInteger("examples"),
        json.longInteger("correct"),
        json.longInteger("total"));
  }
}
