package dev.impromptu.examples.cli;

import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.util.stream.Stream;

/** Ends a run that has diverged, because nothing it could still give is of use. */
final class FiniteLoss implements TrainingListener {
  /** Needs nothing. */
  FiniteLoss() {}

  @Override
  public void onStep(TrainingState state) {
    check(
        state.partial().loss(),
        "The loss is %s after step %d of epoch %d",
        state.batch(),
        state.epoch() + 1);
  }

  @Override
  public void onEpochEnd(TrainingState state) {
    check(
        state.history().getLast().validation().loss(),
        "The validation loss is %s after epoch %d",
        state.epoch());
  }

  private static void check(double loss, String sentence, Object... numbers) {
    if (!Double.isFinite(loss)) {
      throw new InputException(
          sentence.formatted(Stream.concat(Stream.of(loss), Stream.of(numbers)).toArray())
              + ", so training has diverged; begin anew with a smaller --lr, and with --force if"
              + " the run saved something before");
    }
  }
}
