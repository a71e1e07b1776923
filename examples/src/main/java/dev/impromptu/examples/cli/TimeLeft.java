package dev.impromptu.examples.cli;

import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.train.Curriculum;
import dev.impromptu.music.train.TrainingSettings;
import dev.impromptu.train.EpochReport;
import dev.impromptu.train.TrainingState;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;

/**
 * How long a run still takes. An epoch takes as long as the present one or, with other notes ahead,
 * as those already done with so many; where there are none, its time is in proportion to its work.
 *
 * @param curriculum of the run
 * @param windows in an epoch
 * @param work of training with so many notes ahead, in a measure of its own; validation always
 *     slides, so that its work is the notes ahead
 */
record TimeLeft(Curriculum curriculum, int windows, IntToDoubleFunction work) {
  /** Of a run. */
  static TimeLeft of(TrainingSettings settings, int windows) {
    return new TimeLeft(
        settings.plan().curriculum(), windows, ahead -> tokensRead(settings, ahead));
  }

  /** Of epochs that are alike. */
  static TimeLeft ofNextToken(int epochs, int windows) {
    return new TimeLeft(Curriculum.nextToken(epochs), windows, ahead -> ahead);
  }

  /** The tokens that training reads for a window. */
  private static double tokensRead(TrainingSettings settings, int ahead) {
    double context = settings.data().contextLength();
    boolean goesOn = settings.architecture().string("type").equals(LstmComposer.NAME);
    boolean oneWay = !settings.data().skipNote();
    return switch (settings.plan().lookahead()) {
      case SLIDE -> context * ahead;
      case CARRY -> goesOn ? context + ahead - 1 : context * ahead;
      case TEACHER -> {
        // Where windows skip a note there are as many ways as notes ahead, alike up to their ends.
        double waysApart = goesOn ? context + (ahead - 1) * (ahead - 1) : context * ahead;
        yield oneWay ? context : waysApart;
      }
    };
  }

  /** Epochs in all. */
  int epochs() {
    return curriculum.epochs();
  }

  /** The time that all epochs still take, validation included as far as any was seen. */
  Duration left(TrainingState state) {
    int now = curriculum.stepsAhead(state.epoch());
    double present = windows / TrainingProgress.windowsPerSecond(state);
    double seconds = -(double) state.partial().examples() / windows * present;
    int end = 0;
    for (Curriculum.Phase phase : curriculum.phases()) {
      end += phase.epochs();
      int epochs = Math.clamp(end - state.epoch(), 0, phase.epochs());
      if (epochs > 0) {
        int ahead = phase.stepsAhead();
        double training =
            ahead == now
                ? present
                : mean(state, ahead, EpochReport::trainingSeconds)
                    .orElse(present * work.applyAsDouble(ahead) / work.applyAsDouble(now));
        seconds += epochs * (training + validation(state, ahead));
      }
    }
    return Duration.ofSeconds(Double.isFinite(seconds) ? Math.max(0, Math.round(seconds)) : 0);
  }

  private double validation(TrainingState state, int ahead) {
    double notes =
        state.history().stream().mapToInt(report -> curriculum.stepsAhead(report.epoch())).sum();
    double all = state.history().stream().mapToDouble(TimeLeft::validationSeconds).sum();
    return mean(state, ahead, TimeLeft::validationSeconds)
        .orElse(notes == 0 ? 0 : ahead * all / notes);
  }

  private static double validationSeconds(EpochReport report) {
    return report.seconds() - report.trainingSeconds();
  }

  /** Over the epochs already done with so many notes ahead. */
  private OptionalDouble mean(
      TrainingState state, int ahead, ToDoubleFunction<EpochReport> seconds) {
    return state.history().stream()
        .filter(report -> curriculum.stepsAhead(report.epoch()) == ahead)
        .mapToDouble(seconds)
        .average();
  }
}
