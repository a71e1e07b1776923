package dev.impromptu.examples.cli;

import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.time.Duration;
import java.util.Locale;

/** Shows on standard error how training goes. */
interface TrainingProgress extends TrainingListener {
  /** A bar at a terminal, lines elsewhere. */
  static TrainingProgress of(Session session, TimeLeft time) {
    return session.terminal() ? new BarProgress(time) : new LineProgress(session, time);
  }

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
