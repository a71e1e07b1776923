package dev.impromptu.benchmarks;

import java.util.Arrays;

/**
 * What measuring one thing again and again gave.
 *
 * @param values in the order of measuring; at least one
 */
public record Samples(double... values) {
  /** Keeps their order. */
  public Samples {
    if (values.length == 0) {
      throw new IllegalArgumentException("Samples: there is none; measure at least once");
    }
    values = values.clone();
  }

  /** How many. */
  public int count() {
    return values.length;
  }

  private double[] sorted() {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  /** The smallest. */
  public double least() {
    return sorted()[0];
  }

  /** The largest. */
  public double most() {
    return sorted()[values.length - 1];
  }

  /** The middle one, or what lies between the middle two. */
  public double median() {
    double[] sorted = sorted();
    int middle = values.length / 2;
    return values.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** What a tenth of the samples stays below. */
  public double low() {
    return sorted()[values.length / 10];
  }

  /** What a tenth of the samples exceeds. */
  public double high() {
    return sorted()[values.length - 1 - values.length / 10];
  }
}
