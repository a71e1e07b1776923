package dev.impromptu.backend.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads that share the tasks of one job; the caller is one of them.
 *
 * <p>A kernel lasts some ten microseconds, less than it takes to wake a parked thread, so workers
 * spin for a moment before they park. A job that meets a busy team (a nested call, another caller)
 * runs on its own thread alone: tasks never wait for each other, so that is merely slower.
 */
final class Team implements AutoCloseable {
  private static final int SPINS = 2_000;

  /** One task of a job. */
  @FunctionalInterface
  interface Task {
    void run(int index);
  }

  private final Worker[] workers;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile @Nullable Job job;
  private volatile boolean closed;

  Team(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a team needs at least one thread, not " + threads);
    }
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker("impromptu-cpu-" + (i + 1));
      workers[i].start();
    }
  }

  /** Threads at work, the caller included. */
  int size() {
    return workers.length + 1;
  }

  /** Runs tasks {@code 0 .. tasks - 1} in any order and returns when all are done. */
  void run(int tasks, Task task) {
    if (tasks <= 1 || workers.length == 0 || !busy.compareAndSet(false, true)) {
      for (int i = 0; i < tasks; i++) {
        task.run(i);
      }
      return;
    }
    try {
      var mine = new Job(task, tasks, Thread.currentThread());
      job = mine;
      for (int i = 0; i < Math.min(workers.length, tasks - 1); i++) {
        if (workers[i].parked) {
          LockSupport.unpark(workers[i]);
        }
      }
      mine.work();
      mine.await();
      job = null;
      if (mine.failure != null) {
        throw Team.<RuntimeException>again(mine.failure);
      }
    } finally {
      busy.set(false);
    }
  }

  /** What a task threw, thrown as it is. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> E again(Throwable failure) throws E {
    throw (E) failure;
  }

  @Override
  public void close() {
    closed = true;
    for (var worker : workers) {
      LockSupport.unpark(worker);
    }
  }

  private static final class Job {
    private final Task task;
    private final int tasks;
    private final Thread caller;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private volatile @Nullable Throwable failure;

    Job(Task task, int tasks, Thread caller) {
      this.task = task;
      this.tasks = tasks;
      this.caller = caller;
    }

    boolean open() {
      return next.get() < tasks;
    }

    void work() {
      for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
        try {
          if (failure == null) {
            task.run(i);
          }
        } catch (Throwable e) {
          fail(e);
        }
        if (done.incrementAndGet() == tasks) {
          LockSupport.unpark(caller);
        }
      }
    }

    private synchronized void fail(Throwable e) {
      if (failure == null) {
        failure = e;
      } else if (failure != e) {
        failure.addSuppressed(e);
      }
    }

    void await() {
      boolean interrupted = false;
      for (int spin = 0; done.get() < tasks; spin++) {
        if (spin < SPINS) {
          Thread.onSpinWait();
        } else {
          // No thread parks while it is interrupted.
          interrupted |= Thread.interrupted();
          LockSupport.park(this);
        }
      }
      if (interrupted) {
        caller.interrupt();
      }
    }
  }

  private final class Worker extends Thread {
    private volatile boolean parked;

    Worker(String name) {
      super(name);
      setDaemon(true);
    }

    @Override
    public void run() {
      int spin = 0;
      while (!closed) {
        var current = job;
        if (current != null && current.open()) {
          current.work();
          spin = 0;
        } else if (spin++ < SPINS) {
          Thread.onSpinWait();
        } else {
          parked = true;
          // Looked at once more after the flag is up: a job published before saw it down.
          var late = job;
          if (!closed && (late == null || !late.open())) {
            LockSupport.park(Team.this);
            // Nobody interrupts a worker for good reason, and no thread parks while it is.
            Thread.interrupted();
          }
          parked = false;
          spin = 0;
        }
      }
    }
  }
}
