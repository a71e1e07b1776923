package dev.impromptu.backend.cpu;

import java.util.Arrays;

/**
 * Runs the vector kernels on little inputs until they are compiled and hands them over: the product
 * first, because an LSTM spends most of its time there.
 *
 * <p>Many short calls get a method compiled much sooner than a few long ones. Compiled code is
 * known by its speed: a vector operation takes about a nanosecond then, and some twenty when it
 * makes an object, so the bound between them need not be exact. The kernels are called through many
 * lambdas, so that the compiler cannot make a fast copy of them for this loop alone.
 */
final class VectorWarmUp {
  private static final System.Logger LOG = System.getLogger(VectorWarmUp.class.getName());
  private static final long LIMIT_NANOS = 120_000_000_000L;
  private static final long TWIN_NANOS = 100_000_000L;
  private static final long FMA_LIMIT_NANOS = 1_000_000_000L;
  private static final double FMA_NANOS = 100;
  private static final int FMA_CALLS = 1000;
  private static final double NANOS_PER_OPERATION = 5;
  private static final int CALLS = 50;
  private static final int DEPTH = 32;

  /** No multiple of any vector, so that the loops over what is left get compiled too. */
  private static final int N = 263;

  private static final int VECTORS = Math.ceilDiv(N, VectorFunctions.SPECIES.length());

  /** The elements that fill no vector count as well: some nanoseconds each. */
  private static final int TAIL = 20;

  private static final int STRIDE = 300;

  private final long start = System.nanoTime();
  private final ProductKernel product = new VectorProduct();
  private final ElementKernels elements = new VectorElements();
  private final NormKernels norms = new VectorNorms();
  private final float[] a = new float[6 * STRIDE];
  private final float[] b = new float[6 * STRIDE];
  private final float[] c = new float[6 * STRIDE];
  private final float[] d = new float[6 * STRIDE];
  private final float[] e = new float[6 * STRIDE];
  private final float[] sums = new float[NormKernels.SUMS];
  private final float[] panel = new float[DEPTH * product.width()];
  private final AdamCoefficients adam = new AdamCoefficients(0f, 0f, 0f, 0f, 0f, 1f, 1f, 1f, 1f);

  private VectorWarmUp() {
    Arrays.fill(a, 0.5f);
    Arrays.fill(b, 0.5f);
  }

  static void run(Kernels kernels) {
    if (!fusedInHardware()) {
      kernels.become(Kernels.State.PLAIN);
      LOG.log(
          System.Logger.Level.WARNING,
          "Math.fma takes more than {0} ns: this JVM has no fused multiply-add instruction and"
              + " computes it with BigDecimal, so that everything on this device is hundreds of"
              + " times slower and kernels stay in plain Java; a processor with FMA3 (x86-64, from"
              + " 2013 on) or AArch64 is needed, and neither -XX:-UseFMA nor -XX:UseAVX=0 on"
              + " the command line of java",
          (int) FMA_NANOS);
      return;
    }
    var warmUp = new VectorWarmUp();
    warmUp.twins();
    boolean compiled = warmUp.product();
    if (compiled) {
      kernels.use(warmUp.product);
      warmUp.tell("vector products");
      compiled = warmUp.elements();
    }
    if (compiled) {
      kernels.use(warmUp.elements);
      kernels.become(Kernels.State.VECTOR);
      warmUp.tell("vector kernels of elements");
      kernels.awaitNormsWanted();
      compiled = warmUp.norms();
    }
    if (compiled) {
      kernels.use(warmUp.norms);
      warmUp.tell("all vector kernels");
    } else {
      if (kernels.state() == Kernels.State.WARMING_UP) {
        kernels.become(Kernels.State.PLAIN);
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "the Vector API is not compiled to vector instructions on this JVM: kernels stay in plain"
              + " Java");
    }
  }

  /**
   * Whether {@link Math#fma(float, float, float)} is an instruction: else it takes a microsecond.
   */
  static boolean fusedInHardware() {
    float sum = 0.1f;
    long begun = System.nanoTime();
    do {
      long begin = System.nanoTime();
      for (int i = 0; i < FMA_CALLS; i++) {
        sum = Math.fma(sum, 0.7f, 0.3f);
      }
      if (System.nanoTime() - begin <= FMA_NANOS * FMA_CALLS && sum > 0) {
        return true;
      }
    } while (System.nanoTime() - begun < FMA_LIMIT_NANOS);
    return false;
  }

  private void tell(String what) {
    long millis = (System.nanoTime() - start) / 1_000_000;
    LOG.log(System.Logger.Level.DEBUG, () -> what + " in use after " + millis + " ms");
  }

  /**
   * The program begins with the twins, and the compiler takes one method after another: theirs are
   * small, so they come first.
   */
  private void twins() {
    var twin = new ScalarProduct();
    var wide = new float[DEPTH * twin.width()];
    compiled(
        TWIN_NANOS,
        DEPTH * twin.width() / 4,
        () -> twin.accumulate(1, DEPTH, a, 0, STRIDE, wide, 0, twin.width(), c, 0, STRIDE));
    var elements = new ScalarElements();
    compiled(TWIN_NANOS, 2 * N, () -> elements.sigmoid(N, a, 0, c, 0));
    compiled(TWIN_NANOS, 2 * N, () -> elements.tanh(N, a, 0, c, 0));
    compiled(TWIN_NANOS, 3 * N, () -> elements.lstmCell(N, a, 0, b, 0, c, 0, d, 0));
    compiled(
        TWIN_NANOS, 4 * N, () -> elements.lstmCellBackward(N, a, 0, b, 0, b, 0, b, 0, d, 0, e, 0));
  }

  private boolean product() {
    return compiled(34 * DEPTH, () -> product(6))
        && compiled(24 * DEPTH, () -> product(4))
        && compiled(14 * DEPTH, () -> product(2))
        && compiled(9 * DEPTH, () -> product(1))
        && compiled(4 * 3 * 16, () -> product.dots(4, N, a, 0, b, 0, c, 0))
        && compiled(8 * 16, () -> product.dots(1, N, a, 0, b, 0, c, 0));
  }

  private void product(int rows) {
    int width = product.width();
    product.accumulate(rows, DEPTH, a, 0, STRIDE, panel, 0, width, c, 0, STRIDE);
  }

  /** With roughly how many operations each takes for a vector of elements. */
  private boolean elements() {
    return compiled(30 * VECTORS + TAIL, () -> elements.sigmoid(N, a, 0, c, 0))
        && compiled(30 * VECTORS + TAIL, () -> elements.tanh(N, a, 0, c, 0))
        && compiled(40 * VECTORS + TAIL, () -> elements.lstmCell(N, a, 0, b, 0, c, 0, d, 0))
        && compiled(
            70 * VECTORS + TAIL,
            () -> elements.lstmCellBackward(N, a, 0, b, 0, b, 0, b, 0, d, 0, e, 0))
        && compiled(5 * VECTORS + TAIL, () -> elements.add(N, a, 0, b, 0, c, 0))
        && compiled(30 * VECTORS + TAIL, () -> elements.exp(N, 1f, a, 0, c, 0))
        && compiled(5 * VECTORS + TAIL, () -> elements.affine(N, 2f, 1f, a, 0, c, 0))
        && compiled(20 * VECTORS + TAIL, () -> elements.adam(N, adam, d, 0, a, 0, c, 0, e, 0))
        && compiled(5 * VECTORS + TAIL, () -> elements.multiply(N, a, 0, b, 0, c, 0))
        && compiled(5 * VECTORS + TAIL, () -> elements.subtract(N, a, 0, b, 0, c, 0))
        && compiled(10 * VECTORS + TAIL, () -> elements.divide(N, a, 0, b, 0, c, 0))
        && compiled(8 * VECTORS + TAIL, () -> elements.tanhBackward(N, a, 0, b, 0, c, 0))
        && compiled(8 * VECTORS + TAIL, () -> elements.sigmoidBackward(N, a, 0, b, 0, c, 0));
  }

  private boolean norms() {
    return compiled(8 * VECTORS + TAIL, () -> norms.deviations(N, 0.5f, a, 0, sums))
        && compiled(10 * VECTORS + TAIL, () -> norms.normalise(N, a, 0, a, 0, b, 0, b, 0, c, 0))
        && compiled(
            20 * VECTORS + TAIL,
            () -> norms.normaliseParameters(N, a, 0, a, 0, b, 0, b, 0, c, 0, d, 0, sums))
        && compiled(
            12 * VECTORS + TAIL,
            () -> norms.normaliseBackward(N, a, 0, 1f, 1f, a, 0, b, 0, b, 0, c, 0));
  }

  private boolean compiled(int operations, Runnable call) {
    return compiled(LIMIT_NANOS, operations, call);
  }

  private static boolean compiled(long limit, int operations, Runnable call) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < limit) {
      // The best of a round: the machine may be busy with other things as well.
      long best = Long.MAX_VALUE;
      for (int i = 0; i < CALLS; i++) {
        long begin = System.nanoTime();
        call.run();
        best = Math.min(best, System.nanoTime() - begin);
      }
      if (best <= NANOS_PER_OPERATION * operations) {
        return true;
      }
    }
    return false;
  }
}
