package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.indices;
import static dev.impromptu.backend.reference.Values.readIndices;
import static dev.impromptu.backend.reference.Values.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import org.junit.jupiter.api.Test;

class ReductionTest {
  @Test
  void sumFoldsTheMiddleAxis() {
    // [2, 3, 2]
    var x = values(1, 2, 10, 20, 100, 200, 3, 4, 30, 40, 300, 400);
    var y = empty(4);
    BACKEND.reduce(ReduceOp.SUM, new Reduction(2, 3, 2), x, y);
    assertValues(y, 111, 222, 333, 444);
  }

  @Test
  void sumGoesInOrder() {
    var y = empty(1);
    BACKEND.reduce(ReduceOp.SUM, new Reduction(1, 3, 1), values(1e17, 1, -1e17), y);
    assertValues(y, 0);
  }

  @Test
  void maxFoldsTheMiddleAxis() {
    var y = empty(2);
    BACKEND.reduce(ReduceOp.MAX, new Reduction(1, 3, 2), values(-3, 2, -1, 0, -2, 1), y);
    assertValues(y, -1, 2);
  }

  @Test
  void theSumOfNothingIsZero() {
    var y = empty(2);
    BACKEND.reduce(ReduceOp.SUM, new Reduction(2, 0, 1), empty(0), y);
    assertValues(y, 0, 0);
  }

  @Test
  void argMaxTakesTheFirstOfEquals() {
    var out = indices(-1, -1);
    BACKEND.argMax(3, values(-5, 7, 7, -1, -3, -2), out);
    assertArrayEquals(new int[] {1, 0}, readIndices(out));
  }
}
