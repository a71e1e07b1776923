package dev.impromptu.benchmarks.gpu;

import java.util.Arrays;

/**
 * How long something took, again and again.
 *
 * @param micros microseconds, the shortest first; at least one
 */
record Samples(double... micros) {
  Samples {
    micros = micros.clone();
    Arrays.sort(micros);
  }

  int count() {
    return micros.length;
  }

  double median() {
    int middle = micros.length / 2;
    return micros.length % 2 == 1 ? micros[middle] : (micros[middle - 1] + micros[middle]) / 2;
  }

  /** What a tenth of the samples stays below. */
  double low() {
    return micros[micros.length / 10];
  }

  /** What a tenth of the samples exceeds. */
  double high() {
    return micros[micros.length - 1 - micros.length / 10];
  }
}
