package dev.impromptu.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TeamTest {
  @Test
  void everyTaskRunsOnce() {
    try (var team = new Team(4)) {
      for (int round = 0; round < 500; round++) {
        var runs = new AtomicIntegerArray(round % 17);
        team.run(runs.length(), runs::incrementAndGet);
        for (int i = 0; i < runs.length(); i++) {
          assertEquals(1, runs.get(i));
        }
      }
    }
  }

  @Test
  void aTeamThatFellAsleepWakesUp() throws InterruptedException {
    try (var team = new Team(3)) {
      for (int round = 0; round < 5; round++) {
        Thread.sleep(20);
        var runs = new AtomicInteger();
        team.run(8, i -> runs.incrementAndGet());
        assertEquals(8, runs.get());
      }
    }
  }

  @Test
  void nestedJobsAndOtherCallersAreServed() throws InterruptedException {
    try (var team = new Team(3)) {
      var runs = new AtomicInteger();
      var callers = new Thread[4];
      for (int i = 0; i < callers.length; i++) {
        callers[i] =
            Thread.ofPlatform()
                .start(() -> team.run(50, a -> team.run(4, b -> runs.incrementAndGet())));
      }
      for (var caller : callers) {
        caller.join();
      }
      assertEquals(4 * 50 * 4, runs.get());
    }
  }

  @Test
  void whatATaskThrowsReachesTheCallerAndTheTeamLivesOn() {
    try (var team = new Team(2)) {
      var e =
          assertThrows(
              IllegalStateException.class,
              () ->
                  team.run(
                      9,
                      i -> {
                        if (i == 5) {
                          throw new IllegalStateException("five");
                        }
                      }));
      assertEquals("five", e.getMessage());
      var runs = new AtomicInteger();
      team.run(9, i -> runs.incrementAndGet());
      assertEquals(9, runs.get());
    }
  }
}
