package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.Backends.agree;
import static dev.impromptu.backend.cpu.Backends.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.UnaryOp;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation but the LSTM, compared with the reference. */
class OperationsParityTest {
  private static final int[] LENGTHS = {1, 7, 8, 9, 33, 40_000};

  @ParameterizedTest
  @EnumSource
  void unary(UnaryOp op) {
    for (int n : LENGTHS) {
      var x = random(n, n);
      if (op == UnaryOp.LOG || op == UnaryOp.SQRT) {
        for (int i = 0; i < n; i++) {
          x[i] = Math.abs(x[i]) + 0.1f;
        }
      }
      agree(
          op + " of " + n,
          1e-5,
          new Object[] {x, random(n, 3)},
          new int[] {n, n},
          (b, in, out) -> {
            b.unary(op, in[0], out[0]);
            b.unaryBackward(op, in[0], out[0], in[1], out[1]);
          });
    }
  }

  @Test
  void noGradientPassesARectifierAtANegativeInputNotEvenAnInfiniteOne() {
    float infinity = Float.POSITIVE_INFINITY;
    agree(
        "gradient of relu",
        0,
        new Object[] {new float[] {-1, 0, 2}, new float[] {infinity, infinity, infinity}},
        new int[] {3},
        (b, in, out) -> b.unaryBackward(UnaryOp.RELU, in[0], in[0], in[1], out[0]));
  }

  @ParameterizedTest
  @EnumSource
  void binary(BinaryOp op) {
    binary(op, new int[] {40_001}, new int[] {1}, new int[] {1});
    binary(op, new int[] {40_001}, new int[] {1}, new int[] {0});
    binary(op, new int[] {40_001}, new int[] {0}, new int[] {1});
    binary(op, new int[] {7, 33}, new int[] {33, 1}, new int[] {0, 1});
    binary(op, new int[] {7, 33}, new int[] {0, 1}, new int[] {33, 1});
    binary(op, new int[] {7, 33}, new int[] {1, 0}, new int[] {33, 1});
    binary(op, new int[] {3, 1, 9, 5}, new int[] {45, 45, 5, 1}, new int[] {5, 0, 0, 1});
    binary(op, new int[] {3, 4, 5}, new int[] {0, 1, 0}, new int[] {5, 0, 1});
    binary(op, new int[] {2, 3}, new int[] {0, 0}, new int[] {0, 0});
    binary(op, new int[] {}, new int[] {}, new int[] {});
  }

  /** From 0.1 on: a negative number to a fraction is NaN everywhere. */
  private static float[] positive(int n) {
    float[] values = random(n, 1);
    for (int i = 0; i < n; i++) {
      values[i] = Math.abs(values[i]) + 0.1f;
    }
    return values;
  }

  private static void binary(BinaryOp op, int[] shape, int[] left, int[] right) {
    int n = 1;
    int leftLength = 1;
    int rightLength = 1;
    for (int i = 0; i < shape.length; i++) {
      n *= shape[i];
      leftLength += (shape[i] - 1) * left[i];
      rightLength += (shape[i] - 1) * right[i];
    }
    var divisors = random(rightLength, 2);
    for (int i = 0; i < rightLength; i++) {
      divisors[i] += divisors[i] < 0 ? -0.5f : 0.5f;
    }
    agree(
        op + " on " + List.of(shape.length, n),
        1e-6,
        new Object[] {
          op == BinaryOp.POWER ? positive(leftLength) : random(leftLength, 1), divisors
        },
        new int[] {n},
        (b, in, out) -> b.binary(op, new Broadcast(shape, left, right), in[0], in[1], out[0]));
  }

  @Test
  void affine() {
    for (int n : LENGTHS) {
      agree(
          "affine",
          1e-6,
          new Object[] {random(n, 1)},
          new int[] {n},
          (b, in, out) -> b.affine(2.5, -0.3, in[0], out[0]));
    }
  }

  @ParameterizedTest
  @EnumSource
  void reduce(ReduceOp op) {
    int[][] shapes = {
      {1, 1, 1},
      {1, 100_000, 1},
      {7, 33, 1},
      {1000, 33, 1},
      {3, 9, 5},
      {1, 300, 1100},
      {2, 40_000, 1},
      {2, 0, 3}
    };
    for (var s : shapes) {
      agree(
          op + " of " + s[1],
          1e-5 * Math.sqrt(s[1] + 1),
          new Object[] {random(s[0] * s[1] * s[2], 1)},
          new int[] {s[0] * s[2]},
          (b, in, out) -> b.reduce(op, new Reduction(s[0], s[1], s[2]), in[0], out[0]));
    }
  }

  @Test
  void matmul() {
    int[][] sizes = {
      {1, 1, 1},
      {1, 9, 33},
      {7, 8, 9},
      {8, 7, 33},
      {9, 33, 7},
      {33, 65, 17},
      {70, 129, 260},
      {3, 200, 40},
      {200, 2, 3},
      {150, 170, 2100}
    };
    for (var s : sizes) {
      for (int flags = 0; flags < 4; flags++) {
        int batch = s[2] > 300 ? 1 : 2;
        var shape = new Matmul(batch, s[0], s[1], s[2], (flags & 1) != 0, (flags & 2) != 0);
        agree(
            shape.toString(),
            1e-6 * Math.sqrt(s[2]) + 1e-6,
            new Object[] {random(batch * s[0] * s[2], 1), random(batch * s[2] * s[1], 2)},
            new int[] {batch * s[0] * s[1]},
            (b, in, out) -> b.matmul(shape, in[0], in[1], out[0]));
      }
    }
  }

  @Test
  void productsGiveTheSameBitsForAnyNumberOfThreads() {
    var shape = new Matmul(2, 300, 200, 70, true, true);
    var in = new Object[] {random(2 * 300 * 70, 1), random(2 * 200 * 70, 2)};
    int[] out = {2 * 300 * 200};
    for (var library : List.of("", "none")) {
      try (var one = Backends.backend(1, true, library);
          var three = Backends.backend(3, true, library)) {
        Backends.Program product = (b, i, o) -> b.matmul(shape, i[0], i[1], o[0]);
        assertArrayEquals(
            Backends.run(one, in, out, product), Backends.run(three, in, out, product));
      }
    }
  }

  @Test
  void permute() {
    int[][][] cases = {
      {{3, 4, 5}, {2, 0, 1}},
      {{3, 4, 5}, {1, 0, 2}},
      {{3, 4, 5}, {0, 1, 2}},
      {{7, 9}, {1, 0}},
      {{2, 3, 4, 5}, {3, 1, 2, 0}},
      {{1}, {0}}
    };
    for (var c : cases) {
      int n = 1;
      for (int size : c[0]) {
        n *= size;
      }
      agree(
          "permute",
          0,
          new Object[] {random(n, 1)},
          new int[] {n},
          (b, in, out) -> b.permute(c[0], c[1], in[0], out[0]));
    }
  }

  @Test
  void copy() {
    agree(
        "copy",
        0,
        new Object[] {random(40, 1)},
        new int[] {50},
        (b, in, out) -> b.copy(new BlockCopy(4, 5, 3, 9, 2, 11), in[0], out[0]));
  }

  @Test
  void dropout() {
    for (int n : LENGTHS) {
      for (double rate : new double[] {0, 0.3, 0.5}) {
        var key = new PhiloxKey(0x1234_5678_9ABCL, 3, 5_000_000_000L);
        agree(
            "dropout",
            1e-6,
            new Object[] {random(n, 1)},
            new int[] {n},
            (b, in, out) -> b.dropout(rate, key, in[0], out[0]));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 33, 173})
  void crossEntropy(int classes) {
    int rows = 190;
    var targets = new int[rows];
    for (int i = 0; i < rows; i++) {
      targets[i] = i * 5 % classes;
    }
    var logits = random(rows * classes, 1);
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= i % 7 == 0 ? 80 : 5;
    }
    agree(
        "crossEntropy",
        1e-5,
        new Object[] {logits, targets, random(rows, 2)},
        new int[] {rows * classes, rows, rows * classes},
        (b, in, out) -> {
          b.crossEntropy(classes, in[0], in[1], out[0], out[1]);
          b.crossEntropyBackward(classes, out[0], in[1], in[2], out[2]);
        });
  }

  @Test
  void rows() {
    int[] ids = {3, 0, 3, 9, 1, 3};
    agree(
        "rows",
        1e-6,
        new Object[] {random(70, 1), ids, random(42, 2)},
        new int[] {42, 70},
        (b, in, out) -> {
          b.gatherRows(7, in[0], in[1], out[0]);
          b.fill(out[1], 0.5);
          b.scatterAddRows(7, in[1], in[2], out[1]);
        });
  }

  @Test
  void placesOfAnAxis() {
    var axis = new Reduction(2, 4, 3);
    int[] ids = {3, 0, 3, 1, 1, 2, 0, 0, 0, 2, 3, 1};
    agree(
        "places of an axis",
        1e-6,
        new Object[] {random(24, 1), ids, random(12, 2)},
        new int[] {12, 24, 48, 48},
        (b, in, out) -> {
          b.gatherAlong(axis, in[0], in[1], out[0]);
          b.copy(new BlockCopy(1, 24, 0, 24, 0, 24), in[0], out[1]);
          b.scatterAddAlong(axis, in[1], in[2], out[1]);
          b.oneHot(4, OptionalInt.of(3), in[1], out[2]);
          b.oneHot(4, OptionalInt.empty(), in[1], out[3]);
        });
  }

  @Test
  void anIdThatIsNoPlaceIsRefused() {
    for (var b : Backends.ALL) {
      var axis = new Reduction(1, 2, 1);
      var two = Backends.store(b, random(2, 1));
      var out = Backends.store(b, random(4, 1));
      var ids = Backends.store(b, new int[] {1, 2});
      var e =
          assertThrows(IndexOutOfBoundsException.class, () -> b.gatherAlong(axis, two, ids, out));
      assertEquals(
          "gatherAlong: id 2 at position 1 has no row in a table of 2 rows", e.getMessage());
      assertThrows(IndexOutOfBoundsException.class, () -> b.scatterAddAlong(axis, ids, two, two));
      assertThrows(IndexOutOfBoundsException.class, () -> b.oneHot(2, OptionalInt.of(1), ids, out));
      var before = Backends.store(b, new int[] {1, -1});
      e =
          assertThrows(
              IndexOutOfBoundsException.class, () -> b.oneHot(2, OptionalInt.empty(), before, out));
      assertEquals("oneHot: id -1 at position 1 has no row in a table of 2 rows", e.getMessage());
      assertThrows(
          IndexOutOfBoundsException.class, () -> b.oneHot(2, OptionalInt.of(-100), before, out));
    }
  }

  @Test
  void anIdWithoutARowIsRefused() {
    var b = Backends.ALL.get(0);
    var table = Backends.store(b, random(173 * 2, 1));
    var out = Backends.store(b, random(12, 1));
    var ids = Backends.store(b, new int[] {1, 2, 3, 4, 5, 173});
    var e = assertThrows(IndexOutOfBoundsException.class, () -> b.gatherRows(2, table, ids, out));
    assertEquals(
        "gatherRows: id 173 at position 5 has no row in a table of 173 rows", e.getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> b.scatterAddRows(2, ids, out, table));
  }

  @Test
  void argMax() {
    for (var b : Backends.ALL) {
      var x = Backends.store(b, new float[] {1, 3, 3, -1, -2, -1, 0, 0, 0});
      var indices = b.allocate(DType.INT32, 3);
      b.argMax(3, x, indices);
      var found = new int[3];
      b.read(indices, found);
      assertArrayEquals(new int[] {1, 0, 0}, found);
    }
  }

  @Test
  void adam() {
    int n = 20_003;
    var variance = random(n, 4);
    for (int i = 0; i < n; i++) {
      variance[i] = Math.abs(variance[i]);
    }
    agree(
        "adam",
        1e-5,
        new Object[] {random(n, 1), random(n, 2), random(n, 3), variance},
        new int[] {n, n, n},
        (b, in, out) -> {
          var all = new BlockCopy(1, n, 0, n, 0, n);
          b.copy(all, in[0], out[0]);
          b.copy(all, in[2], out[1]);
          b.copy(all, in[3], out[2]);
          var slot = new AdamSlot(out[0], in[1], out[1], out[2]);
          b.adam(new AdamStep(0.01, 0.9, 0.999, 1e-8, 3, null), List.of(slot));
        });
  }

  @Test
  void normAndAdamWithALimit() {
    int n = 20_003;
    agree(
        "norm, adam with a clip",
        1e-5,
        new Object[] {random(n, 1), random(n, 2), random(7, 3)},
        new int[] {1, n, n, n},
        (b, in, out) -> {
          b.copy(new BlockCopy(1, n, 0, n, 0, n), in[0], out[1]);
          b.fill(out[2], 0);
          b.fill(out[3], 0);
          b.norm(List.of(in[1], in[2]), out[0]);
          var slot = new AdamSlot(out[1], in[1], out[2], out[3]);
          var clip = new GradientClip(out[0], 0.5);
          b.adam(new AdamStep(0.01, 0.9, 0.999, 1e-8, 1, clip), List.of(slot));
        });
  }
}
