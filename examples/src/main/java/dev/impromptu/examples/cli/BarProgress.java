package dev.impromptu.examples.cli;

import dev.impromptu.train.TrainingState;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;

/** A bar for each epoch, for people at a terminal. */
final class BarProgress implements TrainingProgress {
  private static final int REDRAW_MILLISECONDS = 250;
  private static final int SHORTEST_BAR = 5;

  private final TimeLeft time;
  private @Nullable ProgressBar bar;

  BarProgress(TimeLeft time) {
    this.time = time;
  }

  @Override
  public void onEpochStart(TrainingState state, int batches) {
    clear();
    bar =
        new ProgressBarBuilder()
            .setTaskName("epoch %d/%d".formatted(state.epoch() + 1, time.epochs()))
            .setInitialMax(time.windows())
            .setUpdateIntervalMillis(REDRAW_MILLISECONDS)
            .setRenderer(BarProgress::line)
            .clearDisplayOnFinish()
            .build();
  }

  @Override
  public void onStep(TrainingState state) {
    if (bar == null) {
      return;
    }
    bar.stepTo(state.partial().examples());
    bar.setExtraMessage(
        state.partial().examples() >= time.windows()
            ? "validating"
            : String.format(
                Locale.ROOT,
                "%.0f/s, %s, %s left",
                TrainingProgress.windowsPerSecond(state),
                TrainingProgress.measured(state),
                TrainingProgress.spoken(time.left(state))));
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

  /** The bar gets what room the words leave: the library's own cuts the words. */
  static String line(ProgressState progress, int width) {
    double done = Math.clamp(progress.getNormalizedProgress(), 0.0, 1.0);
    String before = progress.getTaskName() + " [";
    String after =
        String.format(Locale.ROOT, "] %3.0f %% %s", 100 * done, progress.getExtraMessage());
    int room = Math.max(SHORTEST_BAR, width - 1 - before.length() - after.length());
    int filled = (int) Math.round(done * room);
    String line = before + "=".repeat(filled) + " ".repeat(room - filled) + after;
    return line.length() < width ? line : line.substring(0, Math.max(0, width - 1));
  }
}
