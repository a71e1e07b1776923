package dev.impromptu.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PrefetchingLoaderTest {
  private static final int SIZE = 11;

  /** A batch is the list of its indices. */
  private record Listed(Function<int[], String> making) implements Examples<String> {
    @Override
    public int size() {
      return SIZE;
    }

    @Override
    public String batch(int[] indices) {
      return making.apply(indices);
    }
  }

  private static PrefetchingLoader<String> loader(int first, Function<int[], String> making) {
    int[] order = Shuffle.shuffled(SIZE, 3, 1);
    return new PrefetchingLoader<>(new Listed(making), order, 3, first, 2);
  }

  private static List<String> rest(PrefetchingLoader<String> loader) {
    List<String> batches = new ArrayList<>();
    loader.forEachRemaining(batches::add);
    return batches;
  }

  @Test
  void batchesComeInTheOrderOfTheShuffle() {
    try (var loader = loader(0, Arrays::toString)) {
      int[] order = Shuffle.shuffled(SIZE, 3, 1);
      List<String> expected = new ArrayList<>();
      for (int from = 0; from < SIZE; from += 3) {
        expected.add(Arrays.toString(Arrays.copyOfRange(order, from, Math.min(from + 3, SIZE))));
      }
      assertEquals(expected, rest(loader));
      assertFalse(loader.hasNext());
      assertThrows(NoSuchElementException.class, loader::next);
    }
  }

  @Test
  void aLoaderGoesOnExactlyWhereAnotherStopped() {
    List<String> whole;
    try (var loader = loader(0, Arrays::toString)) {
      whole = rest(loader);
    }
    List<String> parts = new ArrayList<>();
    int position;
    try (var first = loader(0, Arrays::toString)) {
      parts.add(first.next());
      position = first.position();
    }
    assertEquals(1, position);
    try (var second = loader(position, Arrays::toString)) {
      parts.addAll(rest(second));
    }
    assertEquals(whole, parts);
  }

  @Test
  void theNextBatchIsMadeMeanwhileOnAnotherThread() throws Exception {
    var second = new CountDownLatch(2);
    var maker = new AtomicReference<Thread>();
    try (var loader =
        loader(
            0,
            indices -> {
              second.countDown();
              maker.set(Thread.currentThread());
              return "";
            })) {
      assertTrue(second.await(30, TimeUnit.SECONDS), "nobody asked for the second batch");
      assertNotSame(Thread.currentThread(), maker.get());
      assertEquals(0, loader.position());
    }
  }

  @Test
  void aFailureSurfacesWhenItsBatchIsDue() {
    var failure = new IllegalStateException("no such file");
    try (var loader =
        loader(
            0,
            indices -> {
              if (indices.length < 3) {
                throw failure;
              }
              return "";
            })) {
      for (int i = 0; i < 3; i++) {
        loader.next();
      }
      assertSame(failure, assertThrows(IllegalStateException.class, loader::next));
      assertSame(failure, assertThrows(IllegalStateException.class, loader::next));
    }
  }

  @Test
  void closingEndsTheThreadAndNothingIsMadeAfterwards() {
    var maker = new AtomicReference<Thread>();
    var loader =
        loader(
            0,
            indices -> {
              maker.set(Thread.currentThread());
              return "";
            });
    loader.next();
    loader.close();
    assertFalse(maker.get().isAlive());
    assertThrows(IllegalStateException.class, loader::next);
    loader.close();
  }

  /** Two lie ready, and a third is made; of four. */
  @Test
  void noMoreIsMadeAheadThanAskedForAndNothingAfterClosing() throws Exception {
    var third = new CountDownLatch(3);
    var made = new AtomicInteger();
    var maker = new AtomicReference<Thread>();
    try (var loader =
        loader(
            0,
            indices -> {
              maker.set(Thread.currentThread());
              made.incrementAndGet();
              third.countDown();
              return "";
            })) {
      assertTrue(third.await(30, TimeUnit.SECONDS), "nobody asked for the third batch");
      while (maker.get().isAlive() && maker.get().getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      assertEquals(3, made.get());
      assertEquals(0, loader.position());
    }
    assertEquals(3, made.get());
  }

  @Test
  void anInterruptLosesNoBatch() {
    try (var loader = loader(0, Arrays::toString)) {
      Thread.currentThread().interrupt();
      assertEquals(4, rest(loader).size());
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void impossibleSizesAreRefused() {
    var examples = new Listed(Arrays::toString);
    int[] order = {0};
    assertThrows(
        IllegalArgumentException.class, () -> new PrefetchingLoader<>(examples, order, 0, 0, 1));
    assertThrows(
        IllegalArgumentException.class, () -> new PrefetchingLoader<>(examples, order, 1, -1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> new PrefetchingLoader<>(examples, order, 1, 0, 0));
  }
}
