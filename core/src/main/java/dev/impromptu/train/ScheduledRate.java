package dev.impromptu.train;

import dev.impromptu.optim.Optimizer;
import dev.impromptu.optim.Schedule;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Sets the learning rate before every step as a schedule wants it, recorded steps included.
 *
 * @param optimizer whose rate it is
 * @param schedule says which
 * @param measure what the schedule is told of a complete epoch
 */
public record ScheduledRate(
    Optimizer optimizer, Schedule schedule, ToDoubleFunction<EpochReport> measure)
    implements TrainingListener {
  @Override
  public void onEpochStart(TrainingState state, int batches) {
    set(state);
  }

  @Override
  public void onStep(TrainingState state) {
    set(state);
  }

  private void set(TrainingState state) {
    List<Double> measured = state.history().stream().map(measure::applyAsDouble).toList();
    optimizer.learningRate(schedule.rate(optimizer.steps(), measured));
  }
}
