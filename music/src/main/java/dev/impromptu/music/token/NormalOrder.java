package dev.impromptu.music.token;

/**
 * The normal order of a pitch-class set: the rotation of its ascending classes that spans least,
 * ties going to the one packed most tightly towards its first class, and then to the one that
 * begins with the lowest class.
 *
 * <p>Source: A. Forte, <i>The Structure of Atonal Music</i> (1973), section 1.2; the same as {@code
 * chord.normalOrder} of music21.
 */
public final class NormalOrder {
  private static final int OCTAVE = 12;

  private NormalOrder() {}

  /**
   * @param classes a bit for each pitch class, C lowest
   * @return the classes in normal order
   */
  public static int[] of(int classes) {
    int[] ascending = new int[Integer.bitCount(classes)];
    int count = 0;
    for (int i = 0; i < OCTAVE; i++) {
      if ((classes >> i & 1) != 0) {
        ascending[count++] = i;
      }
    }
    int[] best = ascending;
    for (int shift = 1; shift < count; shift++) {
      int[] candidate = rotation(ascending, shift);
      if (tighter(candidate, best)) {
        best = candidate;
      }
    }
    return best;
  }

  private static int[] rotation(int[] classes, int shift) {
    int[] rotated = new int[classes.length];
    for (int i = 0; i < classes.length; i++) {
      rotated[i] = classes[(i + shift) % classes.length];
    }
    return rotated;
  }

  private static boolean tighter(int[] a, int[] b) {
    int last = a.length - 1;
    int difference = interval(a, last) - interval(b, last);
    for (int i = 1; difference == 0 && i < last; i++) {
      difference = interval(a, i) - interval(b, i);
    }
    return difference < 0;
  }

  private static int interval(int[] classes, int i) {
    return Math.floorMod(classes[i] - classes[0], OCTAVE);
  }
}
