package dev.impromptu.random;

import java.util.Objects;

/**
 * The Philox 4x32-10 bijection: 128 bits of counter and 64 bits of key in, 128 random bits out.
 *
 * <p>It keeps no state, so any block of any sequence can be had in any order, on any thread or
 * device, and always comes out the same. Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3", SC 2011. cuRAND and PyTorch use the same function.
 */
public final class Philox {
  private static final int ROUNDS = 10;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final long LOW = 0xFFFF_FFFFL;

  private Philox() {}

  /**
   * Writes the four random words of one counter and key. All 32 bits of each are uniform.
   *
   * @param c0 counter, lowest word
   * @param c1 counter, second word
   * @param c2 counter, third word
   * @param c3 counter, highest word
   * @param k0 key, low word
   * @param k1 key, high word
   * @param out receives four words
   * @param offset where in {@code out} the first goes
   * @throws IndexOutOfBoundsException if {@code out} has no four places from {@code offset} on
   */
  public static void block(int c0, int c1, int c2, int c3, int k0, int k1, int[] out, int offset) {
    Objects.checkFromIndexSize(offset, 4, out.length);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (c0 & LOW);
      long product1 = MULTIPLIER_1 * (c2 & LOW);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c1 = (int) product1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[offset] = c0;
    out[offset + 1] = c1;
    out[offset + 2] = c2;
    out[offset + 3] = c3;
  }
}
