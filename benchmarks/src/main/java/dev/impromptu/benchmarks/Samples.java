package dev.impromptu.benchmarks;

import java.util.Arrays;

/**
 * What measuring one thing again and again gave.
 *
 * @param values the smallest first; at least one
 */
public record Samples(double... values) {
  /** Sorts them. */
  public Samples {
    if (values.length == 0) {
      throw new IllegalArgumentException("Samples: there is none; measure at least once");
    }
    values = values.clone();
    Arrays.sort(values);
  }

  /** How many. */
  public int count() {
    return values.length;
  }

  /** The middle one, or what lies between the middle two. */
  public double median() {
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }

  /** What a tenth of the samples stays below. */
  public double low() {
    return values[values.length / 10];
  }

  /** What a tenth of the samples exceeds. */
  public double high() {
    return values[values.length - 1 - values.length / 10];
  }
}
