package dev.impromptu.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
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
  void anInterruptedCallerIsServedAndStaysInterrupted() throws InterruptedException {
    try (var team = new Team(2)) {
      var runs = new AtomicInteger();
      Thread.currentThread().interrupt();
      // Each waits longer than a caller spins, so that it parks.
      team.run(
          2,
          i -> {
            LockSupport.parkNanos(20_000_000);
            runs.incrementAndGet();
          });
      assertEquals(2, runs.get());
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void aWorkerThatWasInterruptedSleepsAgain() throws InterruptedException {
    Set<Thread> others = Thread.getAllStackTraces().keySet();
    try (var team = new Team(2)) {
      Thread worker =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().equals("impromptu-cpu-1"))
              .filter(thread -> !others.contains(thread))
              .findFirst()
              .orElseThrow();
      assertTrue(sleeps(worker), worker.getState().toString());
      worker.interrupt();
      assertTrue(sleeps(worker), worker.getState().toString());
      var runs = new AtomicInteger();
      team.run(8, i -> runs.incrementAndGet());
      assertEquals(8, runs.get());
    }
  }

  /** Whether it is found asleep ten times running within a second, and not by chance. */
  private static boolean sleeps(Thread thread) {
    int asleep = 0;
    for (int i = 0; i < 100 && asleep < 10; i++) {
      LockSupport.parkNanos(10_000_000);
      asleep = thread.getState() == Thread.State.WAITING ? asleep + 1 : 0;
    }
    return asleep == 10;
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

  @Test
  void evenACheckedExceptionEndsTheJob() {
    try (var team = new Team(2)) {
      var e =
          assertThrows(
              IOException.class,
              () ->
                  team.run(
                      9,
                      i -> {
                        TeamTest.<RuntimeException>sneak(new IOException("task " + i));
                      }));
      assertTrue(e.getMessage().startsWith("task "));
    }
  }

  /** Java checks what is declared alone; other languages, and tricks such as this, do not. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneak(Throwable e) throws E {
    throw (E) e;
  }

  @Test
  void whatSeveralTasksThrowIsToldTogether() {
    var both = new CyclicBarrier(2);
    try (var team = new Team(2)) {
      var e =
          assertThrows(
              IllegalStateException.class,
              () ->
                  team.run(
                      2,
                      i -> {
                        try {
                          both.await();
                        } catch (InterruptedException | BrokenBarrierException broken) {
                          throw new AssertionError(broken);
                        }
                        throw new IllegalStateException("task " + i);
                      }));
      assertEquals(1, e.getSuppressed().length);
    }
  }
}
