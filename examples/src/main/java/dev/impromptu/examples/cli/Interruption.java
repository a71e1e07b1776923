package dev.impromptu.examples.cli;

import java.util.concurrent.CountDownLatch;

/** Lets work that was asked to stop, by Ctrl-C or by the system, save and say so first. */
final class Interruption {
  private final CountDownLatch finished = new CountDownLatch(1);

  /** Work that can be asked to stop. */
  interface Guard extends AutoCloseable {
    @Override
    void close();
  }

  /** Until the guard is closed, an interruption calls {@code stop} and waits for the program. */
  Guard guard(Runnable stop) {
    var hook =
        Thread.ofPlatform()
            .name("impromptu-stop")
            .unstarted(
                () -> {
                  stop.run();
                  try {
                    finished.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    Runtime.getRuntime().addShutdownHook(hook);
    return () -> {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The hook is running: it ends when the program has.
      }
    };
  }

  /** The program has said all it has to say. */
  void finished() {
    finished.countDown();
  }
}
