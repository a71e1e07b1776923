package dev.impromptu.backend.cpu;

import java.util.Arrays;

/**
 * Runs the vector kernels on little inputs until they are compiled and hands them over: the product
 * first, because an LSTM spends most of its time there.
 *
 * <p>Many short calls get a method compiled much sooner than a few long ones. How long it takes
 * depends on the machine, hence the clock: a kernel counts as compiled when it is no slower than
 * its twin.
 */
final class VectorWarmUp {
  private static final System.Logger LOG = System.getLogger(VectorWarmUp.class.getName());
  private static final long LIMIT_NANOS = 20_000_000_000L;
  private static final int CALLS = 100;
  private static final int N = 256;
  private static final int DEPTH = 16;

  private final long start = System.nanoTime();
  private final float[] a = new float[4 * N];
  private final float[] b = new float[4 * N];
  private final float[] c = new float[4 * N];
  private final float[] d = new float[4 * N];
  private final float[] e = new float[4 * N];
  private final float[] panel = new float[DEPTH * 64];
  private final AdamCoefficients adam = new AdamCoefficients(0f, 0f, 0f, 0f, 0f, 1f, 1f);

  private VectorWarmUp() {
    Arrays.fill(a, 0.5f);
    Arrays.fill(b, 0.5f);
  }

  static void run(Kernels kernels) {
    var warmUp = new VectorWarmUp();
    var product = new VectorProduct();
    boolean fast = true;
    for (int rows : new int[] {4, 2, 1, 0}) {
      fast &=
          warmUp.compare(
              () -> warmUp.multiply(product, rows),
              () -> warmUp.multiply(new ScalarProduct(), rows));
    }
    if (fast) {
      kernels.use(product);
    }
    var elements = new VectorElements();
    var twin = new ScalarElements();
    for (int which = 0; which < 10; which++) {
      int w = which;
      fast &= warmUp.compare(() -> warmUp.element(elements, w), () -> warmUp.element(twin, w));
    }
    if (fast) {
      kernels.use(elements);
    }
    LOG.log(
        fast ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
        () ->
            "vector kernels "
                + (kernels.elements() == elements ? "in use" : "found slower than plain Java")
                + " after "
                + (System.nanoTime() - warmUp.start) / 1_000_000
                + " ms");
  }

  private boolean compare(Runnable vector, Runnable scalar) {
    while (System.nanoTime() - start < LIMIT_NANOS) {
      if (time(vector) <= time(scalar)) {
        return true;
      }
    }
    return false;
  }

  private static long time(Runnable call) {
    long begin = System.nanoTime();
    for (int i = 0; i < CALLS; i++) {
      call.run();
    }
    return System.nanoTime() - begin;
  }

  private void multiply(ProductKernel kernel, int rows) {
    if (rows == 0) {
      kernel.dots(4, N, a, 0, b, 0, c, 0);
    } else {
      kernel.accumulate(rows, DEPTH, a, 0, N, panel, 0, 64, c, 0, N);
    }
  }

  private void element(ElementKernels k, int which) {
    switch (which) {
      case 0 -> k.sigmoid(N, a, 0, c, 0);
      case 1 -> k.tanh(N, a, 0, c, 0);
      case 2 -> k.lstmCell(N, a, 0, b, 0, c, 0, d, 0);
      case 3 -> k.lstmCellBackward(N, a, 0, b, 0, b, 0, b, 0, d, 0, e, 0);
      case 4 -> k.add(N, a, 0, b, 0, c, 0);
      case 5 -> k.multiply(N, a, 0, b, 0, c, 0);
      case 6 -> k.exp(N, 0f, a, 0, c, 0);
      case 7 -> k.affine(N, 2f, 1f, a, 0, c, 0);
      case 8 -> k.adam(N, adam, a, 0, b, 0, c, 0, d, 0);
      default -> {
        k.subtract(N, a, 0, b, 0, c, 0);
        k.divide(N, a, 0, b, 0, c, 0);
        k.tanhBackward(N, a, 0, b, 0, c, 0);
        k.sigmoidBackward(N, a, 0, b, 0, c, 0);
      }
    }
  }
}
