package dev.impromptu.data;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the batches of one epoch, and makes the next ones on a thread of its own meanwhile.
 *
 * <p>Which batch comes when depends on the order and the number alone: a loader that begins at the
 * {@link #position} of another goes on exactly there. If a batch cannot be made, {@link #next}
 * throws what making it threw, when its turn has come.
 *
 * <p>One thread at a time may ask for batches.
 *
 * @param <B> a batch as arrays on the host
 */
public final class PrefetchingLoader<B> implements Iterator<B>, AutoCloseable {
  private final Examples<B> examples;
  private final int[] order;
  private final int batchSize;
  private final int ahead;
  private final Thread thread;
  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<B> ready = new ArrayDeque<>();
  private @Nullable Throwable failure;
  private boolean closed;
  private int position;

  /**
   * Starts to load.
   *
   * @param examples asked for one batch at a time, by the loader's thread
   * @param order of all examples of the epoch, as {@link Shuffle} makes it
   * @param batchSize examples in a batch, at least 1; the last may have fewer
   * @param first number of the batch to begin with, from 0
   * @param ahead batches that are held at most, at least 1
   */
  public PrefetchingLoader(Examples<B> examples, int[] order, int batchSize, int first, int ahead) {
    if (batchSize < 1 || first < 0 || ahead < 1) {
      throw new IllegalArgumentException(
          "PrefetchingLoader: batch size %d and batches ahead %d must be at least 1, and the first batch %d at least 0"
              .formatted(batchSize, ahead, first));
    }
    this.examples = examples;
    this.order = order.clone();
    this.batchSize = batchSize;
    this.ahead = ahead;
    position = first;
    thread = Thread.ofPlatform().name("impromptu-loader").daemon().start(() -> load(first));
  }

  /** The number of the batch that {@link #next} hands out next. */
  public int position() {
    return position;
  }

  @Override
  public boolean hasNext() {
    return (long) position * batchSize < order.length;
  }

  /**
   * The next batch; waits until it is made. An interrupt does not end the waiting: no batch is lost
   * to one.
   *
   * @throws NoSuchElementException when the epoch is over
   * @throws IllegalStateException after {@link #close}
   */
  @Override
  public B next() {
    if (!hasNext()) {
      throw new NoSuchElementException(
          "PrefetchingLoader: all %d batches were handed out".formatted(position));
    }
    lock.lock();
    try {
      while (ready.isEmpty() && failure == null && !closed) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        throw new IllegalStateException("PrefetchingLoader: it is closed; open another one");
      }
      B batch = ready.poll();
      if (batch == null) {
        throw failed();
      }
      position++;
      changed.signalAll();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private RuntimeException failed() {
    return switch (failure) {
      case Error e -> {
        throw e;
      }
      case RuntimeException e -> e;
      case null, default -> new IllegalStateException("A batch could not be made", failure);
    };
  }

  private void load(int first) {
    try {
      for (int number = first; (long) number * batchSize < order.length; number++) {
        int from = number * batchSize;
        int to = Math.min(from + batchSize, order.length);
        if (!handOver(examples.batch(Arrays.copyOfRange(order, from, to)))) {
          return;
        }
      }
    } catch (Throwable e) {
      lock.lock();
      failure = e;
      changed.signalAll();
      lock.unlock();
    }
  }

  private boolean handOver(B batch) {
    lock.lock();
    try {
      while (ready.size() == ahead && !closed) {
        changed.awaitUninterruptibly();
      }
      ready.add(batch);
      changed.signalAll();
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the batch that is being made, then ends the thread. */
  @Override
  public void close() {
    lock.lock();
    closed = true;
    changed.signalAll();
    lock.unlock();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
