package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.Precision;
import dev.impromptu.io.JsonObject;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.WaveNetComposer;
import dev.impromptu.music.train.Curriculum;
import dev.impromptu.music.train.TrainingPlan;
import dev.impromptu.music.train.TrainingSettings;
import dev.impromptu.train.EpochReport;
import dev.impromptu.train.Metrics;
import dev.impromptu.train.TrainingState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs of 1,000 windows that take 10 s an epoch for the next note, and 2 s to validate it. */
class TimeLeftTest {
  private static final int WINDOWS = 1000;
  private static final JsonObject LSTM = LstmComposer.Sizes.small(50).toJson();

  private static TimeLeft of(
      String curriculum, Lookahead lookahead, JsonObject network, boolean skip) {
    var plan =
        TrainingPlan.DEFAULTS.withCurriculum(Curriculum.parse(curriculum)).withLookahead(lookahead);
    var options = DatasetOptions.DEFAULTS.withSkipNote(skip);
    return TimeLeft.of(
        new TrainingSettings("seed", options, network, plan, 0, Precision.FP32), WINDOWS);
  }

  private static TrainingState amid(int epoch, double share, double seconds, EpochReport... done) {
    var partial = new Metrics(0, Math.round(share * WINDOWS), 0, 0);
    return new TrainingState(epoch, 1, partial, share * seconds, List.of(done));
  }

  private static EpochReport done(int epoch, double training, double validation) {
    return new EpochReport(epoch, Metrics.NONE, Metrics.NONE, training, training + validation);
  }

  private static long left(TimeLeft time, TrainingState state) {
    return time.left(state).toSeconds();
  }

  @Test
  void epochsThatAreAlikeTakeWhatThePresentOneTakes() {
    TimeLeft time = TimeLeft.ofNextToken(5, WINDOWS);
    assertEquals(45, left(time, amid(0, 0.5, 10)));
    assertEquals(5 + 10 + 3 * 2 + 10, left(time, amid(2, 0.5, 10, done(0, 30, 1), done(1, 9, 3))));
    assertEquals(0, left(time, TrainingState.START));
  }

  @Test
  void laterPhasesTakeAsMuchLongerAsTheyReadMore() {
    String course = "1x2,4x1,8x1";
    var state = amid(0, 0.5, 10);
    assertEquals(15 + 40 + 80, left(of(course, Lookahead.SLIDE, LSTM, false), state));
    assertEquals(
        Math.round(15 + 10 * 35 / 32.0 + 10 * 39 / 32.0),
        left(of(course, Lookahead.CARRY, LSTM, false), state));
    assertEquals(35, left(of(course, Lookahead.TEACHER, LSTM, false), state));
    assertEquals(
        Math.round(15 + 10 * (32 + 9) / 32.0 + 10 * (32 + 49) / 32.0),
        left(of(course, Lookahead.TEACHER, LSTM, true), state));
  }

  @Test
  void aWaveNetReadsAnewHoweverItLooksAhead() {
    JsonObject network = WaveNetComposer.Sizes.small(50).toJson();
    for (Lookahead lookahead : List.of(Lookahead.SLIDE, Lookahead.CARRY)) {
      TimeLeft time = of("1x2,4x1", lookahead, network, false);
      assertEquals(15 + 40, left(time, amid(0, 0.5, 10)));
    }
  }

  @Test
  void validationSlides() {
    TimeLeft time = of("1x2,4x1", Lookahead.CARRY, LSTM, false);
    assertEquals(
        Math.round(5 + 2 + 10 * 35 / 32.0 + 8), left(time, amid(1, 0.5, 10, done(0, 10, 2))));
  }

  @Test
  void whatWasMeasuredTakesThePlaceOfWhatWasEstimated() {
    TimeLeft time = of("4x1,1x1,4x2", Lookahead.SLIDE, LSTM, false);
    assertEquals(5 + 2 + 2 * (25 + 7), left(time, amid(1, 0.5, 10, done(0, 25, 7))));
  }

  @Test
  void theOriginalsCourseTakesFiveTimesAsLongAsItsFirstEpochsSuggest() {
    var state = amid(0, 0.5, 10);
    TimeLeft time = of(Curriculum.ORIGINAL.toString(), Lookahead.SLIDE, LSTM, true);
    assertEquals(10 * (25 + 4 * 20 + 8 * 45) - 5, left(time, state));
    var history = new ArrayList<EpochReport>();
    for (int epoch = 0; epoch < 45; epoch++) {
      history.add(done(epoch, epoch < 25 ? 10 : 40, 0));
    }
    assertEquals(45 * 80 - 40, left(time, amid(45, 0.5, 80, history.toArray(EpochReport[]::new))));
  }
}
