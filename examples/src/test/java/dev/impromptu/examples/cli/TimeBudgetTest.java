package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.train.EpochReport;
import dev.impromptu.train.Metrics;
import dev.impromptu.train.TrainingState;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeBudgetTest {
  private final StringWriter told = new StringWriter();
  private final TimeBudget budget =
      new TimeBudget(
          new Session(new PrintWriter(told), new PrintWriter(told, true), List.of()),
          Duration.ofSeconds(60),
          40);

  private static TrainingState after(double seconds) {
    var report = new EpochReport(0, Metrics.NONE, Metrics.NONE, seconds, seconds);
    return new TrainingState(1, 0, Metrics.NONE, 0, List.of(report));
  }

  @Test
  void anEpochBeginsWhereItWillProbablyEndInTime() {
    budget.onEpochStart(TrainingState.START, 1);
    assertTrue(budget.wantsMore(after(30)));
    assertEquals("", told.toString());
    assertFalse(budget.wantsMore(after(61)));
    assertEquals(
        "this machine is slow or busy: training ends after 1 of 40 epochs, in 60 s",
        told.toString().strip());
  }

  @Test
  void oneEpochIsAlwaysMadeAlsoOfARunThatContinues() {
    assertTrue(budget.wantsMore(TrainingState.START));
    assertTrue(budget.wantsMore(after(1000)));
    budget.onEpochStart(after(1000), 1);
    assertFalse(budget.wantsMore(after(1000)));
  }
}
