package dev.impromptu.backend.cpu;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The loops in use. They start as the scalar twins and are exchanged for the vector ones as soon as
 * those run compiled: interpreted, the Vector API is a thousand times slower than plain Java. Both
 * give the same bits, so nobody can see the change but in the time it takes.
 */
final class Kernels {
  private static final System.Logger LOG = System.getLogger(Kernels.class.getName());

  /** Which loops are in use, in the words of {@link CpuBackend#description()}. */
  enum State {
    PLAIN("plain Java"),
    WARMING_UP("Vector API, warming up"),
    VECTOR("Vector API");

    final String words;

    State(String words) {
      this.words = words;
    }
  }

  private volatile ProductKernel product;
  private volatile ElementKernels elements;
  private volatile NormKernels norms;
  private volatile State state;
  private final CountDownLatch normsWanted = new CountDownLatch(1);

  Kernels(ProductKernel product, ElementKernels elements, NormKernels norms, State state) {
    this.state = state;
    this.product = product;
    this.elements = elements;
    this.norms = norms;
  }

  /** The plain twins, for ever. */
  static Kernels scalar() {
    return plain(State.PLAIN);
  }

  private static Kernels plain(State state) {
    return new Kernels(new ScalarProduct(), new ScalarElements(), new ScalarNorms(), state);
  }

  /** The best that this JVM has; one set for all backends, so that they warm up once. */
  static Kernels shared() {
    return Shared.KERNELS;
  }

  State state() {
    return state;
  }

  void become(State now) {
    state = now;
  }

  ProductKernel product() {
    return product;
  }

  ElementKernels elements() {
    return elements;
  }

  /** Those are warmed up from the first call on: most models never make one. */
  NormKernels norms() {
    normsWanted.countDown();
    return norms;
  }

  void awaitNormsWanted() {
    try {
      normsWanted.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void use(ProductKernel kernel) {
    product = kernel;
  }

  void use(ElementKernels kernels) {
    elements = kernels;
  }

  void use(NormKernels kernels) {
    norms = kernels;
  }

  /** Waits until the vector kernels are in use, or found to be of no use. */
  static void awaitWarm() {
    shared().norms();
    try {
      if (Shared.warmUp != null) {
        Shared.warmUp.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static boolean vectorModulePresent() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  private static final class Shared {
    private static final Kernels KERNELS =
        plain(vectorModulePresent() ? State.WARMING_UP : State.PLAIN);
    private static final @Nullable Thread warmUp = start();

    private static @Nullable Thread start() {
      if (!vectorModulePresent()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "the module jdk.incubator.vector is absent: LSTM and elementwise kernels run in plain"
                + " Java, several times slower; add --add-modules jdk.incubator.vector to the"
                + " command line of java");
        return null;
      }
      // The lambda names the class that names the Vector API, so it is not loaded before here.
      return Thread.ofPlatform()
          .name("impromptu-warm-up")
          .daemon()
          .start(() -> VectorWarmUp.run(KERNELS));
    }
  }
}
