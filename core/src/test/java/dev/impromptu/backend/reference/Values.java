package dev.impromptu.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import java.util.Random;

/** Carries arrays to the backend under test and back. */
final class Values {
  static final Backend BACKEND = new ReferenceBackend();

  private Values() {}

  static Storage values(double... values) {
    var storage = BACKEND.allocate(DType.FLOAT32, values.length);
    BACKEND.write(values, storage);
    return storage;
  }

  static Storage indices(int... indices) {
    var storage = BACKEND.allocate(DType.INT32, indices.length);
    BACKEND.write(indices, storage);
    return storage;
  }

  static Storage empty(int length) {
    return BACKEND.allocate(DType.FLOAT32, length);
  }

  static double[] read(Storage storage) {
    var values = new double[storage.length()];
    BACKEND.read(storage, values);
    return values;
  }

  static int[] readIndices(Storage storage) {
    var indices = new int[storage.length()];
    BACKEND.read(storage, indices);
    return indices;
  }

  static double[] random(Random random, int length) {
    return random.doubles(length, -1, 1).toArray();
  }

  static void assertValues(Storage actual, double... expected) {
    assertArrayEquals(expected, read(actual), 1e-12);
  }
}
