package dev.impromptu.examples.cli;

import dev.impromptu.io.AtomicFiles;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * What happens when the program is ended by Ctrl-C or by the system: work that can be asked to stop
 * may save and say so first, then whatever is half written is deleted.
 */
final class Interruption {
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = Thread.ofPlatform().name("impromptu-stop").unstarted(this::stop);
  private volatile @Nullable Runnable stop;

  /** Work that can be asked to stop. */
  interface Guard extends AutoCloseable {
    @Override
    void close();
  }

  /** The program has begun. */
  void begun() {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It is being ended already, before it has done anything.
    }
  }

  /** Until the guard is closed, an interruption calls {@code stop} and waits for the program. */
  Guard guard(Runnable work) {
    stop = work;
    return () -> stop = null;
  }

  private void stop() {
    Runnable work = stop;
    if (work != null) {
      work.run();
      try {
        finished.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    // Last, for the work may have been saving.
    AtomicFiles.deleteTemporaries();
  }

  /** The program has said all it has to say. */
  void finished() {
    finished.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook is running: it ends by itself.
    }
  }
}
