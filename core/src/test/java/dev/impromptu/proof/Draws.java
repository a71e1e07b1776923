package dev.impromptu.proof;

import dev.impromptu.io.HostArray;
import dev.impromptu.random.PhiloxRandom;

/** Sample values that a name alone decides, so that no two arrays are alike. */
public final class Draws {
  private Draws() {}

  /** Numbers of 32 bits, evenly from {@code [low, high)}. */
  public static HostArray uniform(String name, double low, double high, int... shape) {
    var random = new PhiloxRandom(name.hashCode());
    float[] values = new float[elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (low + (high - low) * random.nextDouble());
    }
    return HostArray.of(values, shape);
  }

  /** Ids from 0 to {@code bound - 1}. */
  public static HostArray ids(String name, int bound, int... shape) {
    var random = new PhiloxRandom(name.hashCode());
    int[] values = new int[elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(bound);
    }
    return HostArray.of(values, shape);
  }

  /**
   * How much each element of an output counts in the number that is differentiated: it makes the
   * gradient depend on each of them.
   */
  public static HostArray weights(String proof, String output, int... shape) {
    return uniform(proof + ", weights of " + output, -1.1, 1, shape);
  }

  private static int elements(int[] shape) {
    int elements = 1;
    for (int size : shape) {
      elements *= size;
    }
    return elements;
  }
}
