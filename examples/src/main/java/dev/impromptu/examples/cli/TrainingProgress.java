package dev.impromptu.examples.cli;

import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.time.Duration;
import java.util.Locale;

/** Shows on standard error how training goes. */
interface TrainingProgress extends TrainingListener {
  /** Takes back what would be in the way of other lines; may be called more than once. */
  void clear();

  /** Loss and accuracy so far in this epoch. */
  static String measured(TrainingState state) {
    return String.format(
        Locale.ROOT,
        "loss %.3f, accuracy %.1f %%",
        state.partial().loss(),
        state.partial().accuracy());
  }

  /** How fast this epoch goes. */
  static double windowsPerSecond(TrainingState state) {
    return state.partial().examples() / state.trainingSeconds();
  }

  /** The time that all epochs still take, validation included as far as any was seen. */
  static Duration left(TrainingState state, int epochs, int windows) {
    double training = windows / windowsPerSecond(state);
    double validation =
        state.history().stream()
            .mapToDouble(report -> report.seconds() - report.trainingSeconds())
            .average()
            .orElse(0);
    double done = (double) state.partial().examples() / windows;
    double seconds = (epochs - state.epoch()) * (training + validation) - done * training;
    return Duration.ofSeconds(Double.isFinite(seconds) ? Math.max(0, Math.round(seconds)) : 0);
  }

  /** A duration as people say it. */
  static String spoken(Duration time) {
    if (time.toHours() > 0) {
      return "%d h %02d min".formatted(time.toHours(), time.toMinutesPart());
    }
    return time.toMinutes() > 0
        ? "%d min %02d s".formatted(time.toMinutes(), time.toSecondsPart())
        : time.toSeconds() + " s";
  }
}
