package dev.impromptu.examples.cli;

import dev.impromptu.train.TrainingState;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar for each epoch, for people at a terminal. */
final class BarProgress implements TrainingProgress {
  private static final int REDRAW_MILLISECONDS = 250;

  private final int epochs;
  private final int windows;
  private @Nullable ProgressBar bar;

  BarProgress(int epochs, int windows) {
    this.epochs = epochs;
    this.windows = windows;
  }

  @Override
  public void onEpochStart(TrainingState state, int batches) {
    clear();
    bar =
        new ProgressBarBuilder()
            .setTaskName("epoch %d/%d".formatted(state.epoch() + 1, epochs))
            .setInitialMax(windows)
            .startsFrom(
                state.partial().examples(),
                Duration.ofMillis(Math.round(1000 * state.trainingSeconds())))
            .setUpdateIntervalMillis(REDRAW_MILLISECONDS)
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(" windows", 1)
            .showSpeed()
            .build();
  }

  @Override
  public void onStep(TrainingState state) {
    if (bar == null) {
      return;
    }
    bar.stepTo(state.partial().examples());
    bar.setExtraMessage(
        state.partial().examples() == windows
            ? "validating"
            : " %s, %s left in all"
                .formatted(
                    TrainingProgress.measured(state),
                    TrainingProgress.spoken(TrainingProgress.left(state, epochs, windows))));
  }

  @Override
  public void onEpochEnd(TrainingState state) {
    clear();
  }

  @Override
  public void clear() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
