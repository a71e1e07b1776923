package dev.impromptu.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector kernels and their scalar twins agree to the last bit. */
class TwinsTest {
  private final VectorElements vector = new VectorElements();
  private final ScalarElements scalar = new ScalarElements();

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 15, 16, 17, 33})
  void productsAgree(int n) {
    for (int rows : new int[] {1, 2, 3, 4, 5, 7, 8, 9}) {
      for (int depth : new int[] {1, n, 70}) {
        assertArrayEquals(
            product(new ScalarProduct(), rows, depth, n),
            product(new VectorProduct(), rows, depth, n),
            rows + " rows, depth " + depth);
      }
    }
  }

  private static float[] product(ProductKernel kernel, int rows, int depth, int columns) {
    var a = Backends.random(rows * depth + 1, 1);
    var b = Backends.random(depth * columns + 1, 2);
    var c = Backends.random(rows * columns + 3, 3);
    int size = PackedMatrix.size(kernel, depth, columns);
    var memory = new CpuStorage.Floats(new float[5 + size], 5, size);
    var packed = new PackedMatrix(kernel, memory, depth, columns);
    for (int panel = 0; panel < packed.count(); panel++) {
      packed.pack(panel, columns % 2 == 0, b, 1);
    }
    for (int panel = 0; panel < packed.count(); panel++) {
      packed.accumulate(panel, rows, a, 1, depth, c, 3, columns);
    }
    return c;
  }

  /** Whichever of them this machine uses. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 33})
  void tilesAgree(int rows) {
    for (int depth : new int[] {1, 2, 70}) {
      tilesAgree(rows, depth, new WideTiles());
      tilesAgree(rows, depth, new NarrowTiles());
    }
  }

  private static void tilesAgree(int rows, int depth, RegisterTiles tiles) {
    int width = tiles.width();
    var a = Backends.random(rows * (depth + 1) + 1, 1);
    var b = Backends.random(depth * (width + 2) + 2, 2);
    var c = Backends.random(rows * (width + 3) + 3, 3);
    var expected = c.clone();
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < width; j++) {
        for (int k = 0; k < depth; k++) {
          int at = 3 + r * (width + 3) + j;
          float left = a[1 + r * (depth + 1) + k];
          expected[at] = Math.fma(left, b[2 + k * (width + 2) + j], expected[at]);
        }
      }
    }
    tiles.accumulate(rows, depth, a, 1, depth + 1, b, 2, width + 2, c, 3, width + 3);
    assertArrayEquals(expected, c, rows + " rows, depth " + depth + ", width " + width);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 15, 16, 17, 33})
  void dotsAgree(int n) {
    var a = Backends.random(n + 1, 1);
    var b = Backends.random(5 * n + 2, 2);
    var one = Backends.random(6, 3);
    var two = one.clone();
    new ScalarProduct().dots(5, n, a, 1, b, 2, one, 1);
    new VectorProduct().dots(5, n, a, 1, b, 2, two, 1);
    assertArrayEquals(one, two);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 15, 16, 17, 33})
  void elementsAgree(int n) {
    var x = scaled(Backends.random(n + 1, 1), 30);
    var z = Backends.random(n + 2, 2);
    agree(n, k -> y -> k.exp(n, 0.5f, x, 1, y, 3));
    agree(n, k -> y -> k.tanh(n, x, 1, y, 3));
    agree(n, k -> y -> k.sigmoid(n, x, 1, y, 3));
    agree(n, k -> y -> k.affine(n, 3.3f, 0.7f, x, 1, y, 3));
    agree(n, k -> y -> k.add(n, x, 1, z, 2, y, 3));
    agree(n, k -> y -> k.subtract(n, x, 1, z, 2, y, 3));
    agree(n, k -> y -> k.multiply(n, x, 1, z, 2, y, 3));
    agree(n, k -> y -> k.divide(n, x, 1, z, 2, y, 3));
    agree(n, k -> y -> k.tanhBackward(n, x, 1, z, 2, y, 3));
    agree(n, k -> y -> k.sigmoidBackward(n, x, 1, z, 2, y, 3));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 15, 16, 17, 33})
  void cellsAgree(int n) {
    var gates = Backends.random(4 * n + 1, 1);
    var before = Backends.random(n + 2, 2);
    var c = Backends.random(n, 4);
    var dh = Backends.random(n, 5);
    agree(n, k -> y -> k.lstmCell(n, gates, 1, before, 2, y, 3, y, 3 + n));
    agree(n, k -> y -> k.lstmCellBackward(n, gates, 1, before, 2, c, 0, dh, 0, y, 0, y, 3 + n));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 15, 16, 17, 33})
  void adamAgrees(int n) {
    var gradient = Backends.random(n + 1, 1);
    var k = new AdamCoefficients(0.9f, 0.1f, 0.999f, 0.001f, 0.01f, 0.2f, 1e-8f, 0.99f, 0.7f);
    agree(n, kernels -> y -> kernels.adam(n, k, y, 3, gradient, 1, y, 3 + n, positive(y), 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 15, 16, 17, 33, 70})
  void normalisationsAgree(int n) {
    var x = Backends.random(n + 1, 1);
    var weight = Backends.random(n + 2, 2);
    var dy = Backends.random(n + 3, 3);
    var moments = new float[] {0, 0.1f, 1e-3f, 3.3f};
    agreeNorms(
        n,
        k ->
            y -> {
              var sums = new float[NormKernels.SUMS];
              k.deviations(n, 0.1f, x, 1, sums);
              y[0] = sums[0];
              y[1] = sums[1];
            });
    agreeNorms(n, k -> y -> k.normalise(n, moments, 1, x, 1, weight, 2, dy, 3, y, 3));
    agreeNorms(
        n,
        k ->
            y -> {
              var sums = new float[NormKernels.SUMS];
              k.normaliseParameters(n, moments, 1, x, 1, weight, 2, dy, 3, y, 3, y, 3 + n, sums);
              y[0] = sums[0];
              y[1] = sums[1];
            });
    agreeNorms(
        n, k -> y -> k.normaliseBackward(n, moments, 1, 0.2f, 0.3f, x, 1, weight, 2, dy, 3, y, 3));
  }

  private static float[] positive(float[] y) {
    var variance = new float[y.length];
    for (int i = 0; i < y.length; i++) {
      variance[i] = Math.abs(y[i]);
    }
    return variance;
  }

  private static float[] scaled(float[] x, float scale) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= scale;
    }
    return x;
  }

  private void agree(int n, Function<ElementKernels, Consumer<float[]>> kernel) {
    agree(n, kernel.apply(scalar), kernel.apply(vector));
  }

  private static void agreeNorms(int n, Function<NormKernels, Consumer<float[]>> kernel) {
    agree(n, kernel.apply(new ScalarNorms()), kernel.apply(new VectorNorms()));
  }

  private static void agree(int n, Consumer<float[]> scalar, Consumer<float[]> vector) {
    var one = Backends.random(6 * n + 8, 9);
    var two = one.clone();
    scalar.accept(one);
    vector.accept(two);
    assertArrayEquals(one, two);
  }
}
