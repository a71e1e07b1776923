package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.values;

import dev.impromptu.backend.Matmul;
import org.junit.jupiter.api.Test;

class MatmulTest {
  private static final double[] A = {1, 2, 3, 4, 5, 6};
  private static final double[] A_TRANSPOSED = {1, 4, 2, 5, 3, 6};
  private static final double[] B = {1, 0, 2, 10, 1, 0, 0, 3, 1, 2, 0, 100};
  private static final double[] B_TRANSPOSED = {1, 1, 1, 0, 0, 2, 2, 0, 0, 10, 3, 100};
  private static final double[] C = {6, 6, 2, 316, 15, 12, 8, 655};

  private static void check(double[] a, boolean left, double[] b, boolean right) {
    var c = empty(8);
    BACKEND.matmul(new Matmul(1, 2, 4, 3, left, right), values(a), values(b), c);
    assertValues(c, C);
  }

  @Test
  void multipliesAsStored() {
    check(A, false, B, false);
  }

  @Test
  void multipliesWithTheLeftTransposed() {
    check(A_TRANSPOSED, true, B, false);
  }

  @Test
  void multipliesWithTheRightTransposed() {
    check(A, false, B_TRANSPOSED, true);
  }

  @Test
  void multipliesWithBothTransposed() {
    check(A_TRANSPOSED, true, B_TRANSPOSED, true);
  }

  @Test
  void multipliesEachOfABatch() {
    var c = empty(4);
    BACKEND.matmul(
        new Matmul(2, 1, 2, 2, false, false),
        values(1, 2, 3, 4),
        values(1, 0, 0, 1, 0, 1, 1, 0),
        c);
    assertValues(c, 1, 2, 4, 3);
  }

  @Test
  void aProductOverNothingIsZero() {
    var c = empty(2);
    BACKEND.matmul(new Matmul(1, 1, 2, 0, false, false), empty(0), empty(0), c);
    assertValues(c, 0, 0);
  }
}
