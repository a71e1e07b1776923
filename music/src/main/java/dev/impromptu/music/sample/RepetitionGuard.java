package dev.impromptu.music.sample;

import java.util.Arrays;

/** Remembers what was played and says which token would repeat it too often. */
final class RepetitionGuard implements Guard {
  private final int maxRepeats;
  private final int maxCycles;
  private int[] played = new int[64];
  private int length;

  RepetitionGuard(Sampling sampling) {
    this.maxRepeats = sampling.maxRepeats();
    this.maxCycles = sampling.maxCycles();
  }

  @Override
  public void played(int id) {
    if (length == played.length) {
      played = Arrays.copyOf(played, 2 * length);
    }
    played[length++] = id;
  }

  /** Whether {@code id} played next would exceed a limit. */
  @Override
  public boolean refuses(int id) {
    if (maxRepeats > 0 && exceeds(id, 1, maxRepeats)) {
      return true;
    }
    if (maxCycles > 0) {
      for (int cycle = Sampling.SHORTEST_CYCLE; cycle <= Sampling.LONGEST_CYCLE; cycle++) {
        if (exceeds(id, cycle, maxCycles)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether {@code id} completes {@code limit + 1} equal stretches of {@code cycle} tokens. */
  private boolean exceeds(int id, int cycle, int limit) {
    long needed = (long) cycle * limit;
    // The last stretch is compared with those before it, token by token, from the end.
    if (needed + cycle - 1 > length || played[length - cycle] != id) {
      return false;
    }
    if (cycle > 1 && uniform(id, cycle)) {
      return false;
    }
    for (int back = 1; back < needed; back++) {
      if (played[length - back] != played[length - back - cycle]) {
        return false;
      }
    }
    return true;
  }

  /** One token again and again is a repeat, whose own limit holds, and no cycle. */
  private boolean uniform(int id, int cycle) {
    for (int back = 1; back < cycle; back++) {
      if (played[length - back] != id) {
        return false;
      }
    }
    return true;
  }
}
