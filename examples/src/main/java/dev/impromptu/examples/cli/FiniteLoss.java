package dev.impromptu.examples.cli;

import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;

/** Ends a run that has diverged, because nothing it could still give is of use. */
final class FiniteLoss implements TrainingListener {
  /** Needs nothing. */
  FiniteLoss() {}

  @Override
  public void onStep(TrainingState state) {
    double loss = state.partial().loss();
    if (!Double.isFinite(loss)) {
      throw new InputException(
          "The loss is %s after step %d of epoch %d, so training has diverged; give a smaller --lr"
              .formatted(loss, state.batch(), state.epoch()));
    }
  }
}
