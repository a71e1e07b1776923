package dev.impromptu.benchmarks.work;

import dev.impromptu.random.PhiloxRandom;
import java.util.Arrays;

/** Tokens that look random and are the same everywhere. */
public final class Tokens {
  private Tokens() {}

  /** Some of them, from 0 to {@link Task#VOCABULARY} - 1. */
  public static int[] some(int count, long seed) {
    return new PhiloxRandom(seed).ints(count, 0, Task.VOCABULARY).toArray();
  }

  /** The same, as PyTorch takes indices. */
  public static long[] longs(int count, long seed) {
    return Arrays.stream(some(count, seed)).asLongStream().toArray();
  }
}
