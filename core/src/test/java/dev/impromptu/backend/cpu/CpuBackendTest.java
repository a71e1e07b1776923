package dev.impromptu.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CpuBackendTest {
  @Test
  void theProviderOpensIt() {
    var provider = new CpuProvider();
    assertEquals("cpu", provider.name());
    assertEquals(10, provider.rank());
    try (var backend = provider.open(Precision.FP32)) {
      assertEquals("cpu", backend.name());
      assertEquals(3, backend.description().size());
    }
  }

  @Test
  void openBlasIsFoundOnTheClassPath() {
    var present =
        ClassLoader.getSystemResource("org/bytedeco/openblas/linux-x86_64/libopenblas.so.0");
    if (present != null && System.getProperty("os.name").equals("Linux")) {
      var library = OpenBlasLibrary.find("");
      assertTrue(library.isPresent());
      assertTrue(library.get().config().contains("OpenBLAS"), library.get().config());
    }
  }

  @Test
  void aWrongPathOfOpenBlasIsAnError() {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> OpenBlasLibrary.find("/nowhere/libblas.so"));
    assertTrue(e.getMessage().contains("/nowhere/libblas.so"));
  }

  @Test
  void theSharedKernelsBecomeVectorKernels() {
    Kernels.awaitWarm();
    assertTrue(Kernels.shared().product() instanceof VectorProduct);
    assertTrue(Kernels.shared().elements() instanceof VectorElements);
  }

  @Test
  void theDescriptionSaysWhichKernelsAreInUse() {
    try (var vector = new CpuBackend()) {
      assertTrue(vector.awaitVectorKernels());
      assertEquals("kernels: Vector API", vector.description().get(1));
    }
    try (var plain = new CpuBackend(CpuOptions.fromProperties(), Kernels.scalar())) {
      assertFalse(plain.awaitVectorKernels());
      assertEquals("kernels: plain Java", plain.description().get(1));
    }
    assertTrue(VectorWarmUp.fusedInHardware());
  }

  @Test
  void withoutFusedMultiplyAddThereIsOneWarningAndPlainJava() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "-XX:-UseFMA is of x86-64");
    // Tests run in the module, whose classes are on no class path.
    Path classes =
        Path.of(CpuBackend.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    var child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UseFMA",
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                String.join(
                    File.pathSeparator,
                    classes.toString(),
                    classes.resolveSibling("test-classes").toString(),
                    System.getProperty("jdk.module.path", ""),
                    System.getProperty("java.class.path")),
                Described.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertEquals(0, child.waitFor(), said);
    assertTrue(said.contains("in use: false, kernels: plain Java"), said);
    assertEquals(2, said.split("Math.fma takes", -1).length, said);
  }

  /** What a JVM of its own says. */
  static final class Described {
    public static void main(String[] arguments) {
      try (var backend = new CpuBackend()) {
        boolean inUse = backend.awaitVectorKernels();
        System.out.println("in use: " + inUse + ", " + backend.description().get(1));
      }
    }
  }

  @Test
  void releasedMemoryIsUsedAgain() {
    var pool = new MemoryPool(1 << 20);
    var first = pool.floats(1000);
    pool.release(first);
    assertTrue(pool.retainedBytes() >= 4000);
    var second = pool.floats(990);
    assertSame(first.array, second.array);
    assertEquals(990, second.length());
    assertEquals(0, pool.retainedBytes());
  }

  @Test
  void memoryOfNoElementsServesAFewAfterwards() {
    var pool = new MemoryPool(1 << 20);
    pool.release(pool.ints(0));
    var few = pool.ints(5);
    assertTrue(few.array.length >= 5);
    assertEquals(0, pool.retainedBytes());
  }

  @Test
  void aProductOfNoTermsIsZero() {
    Backends.agree(
        "k = 0",
        0,
        new Object[] {new float[0]},
        new int[] {9 * 9},
        (backend, in, out) -> {
          backend.fill(out[0], 7);
          backend.matmul(new Matmul(1, 9, 9, 0, false, false), in[0], in[0], out[0]);
        });
  }

  @Test
  void panelsThatAreTheMatrixItselfAreNotPackedOver() {
    var matrix = new CpuStorage.Floats(new float[64 * 64], 0, 64 * 64);
    var panels = PackedMatrix.inPlace(new ScalarProduct(), matrix, 64, 64);
    assertThrows(IllegalStateException.class, () -> panels.pack(0, false, new float[64 * 64], 0));
    assertThrows(IllegalStateException.class, () -> panels.pack(0, true, new float[64 * 64], 0));
  }

  @Test
  void thePoolKeepsNoMoreThanItsShare() {
    var pool = new MemoryPool(10_000);
    var a = pool.floats(2000);
    var b = pool.floats(2000);
    pool.release(a);
    pool.release(b);
    assertTrue(pool.retainedBytes() <= 10_000);
    var huge = pool.floats(5000);
    pool.release(huge);
    assertNotSame(huge.array, pool.floats(5000).array);
  }

  @Test
  void whatIsKeptIsGivenUpBeforeThereIsTooLittleMemory() {
    var pools = new MemoryPool[1];
    var pool =
        new MemoryPool(
            1 << 20,
            size -> {
              if (size > 10_000 || pools[0].retainedBytes() > 0) {
                throw new OutOfMemoryError("no room for " + size);
              }
              return new float[size];
            });
    pools[0] = pool;
    pool.release(pool.floats(2000));
    assertTrue(pool.retainedBytes() > 0);
    assertEquals(3000, pool.floats(3000).length());
    assertEquals(0, pool.retainedBytes());
    var error = assertThrows(OutOfDeviceMemoryException.class, () -> pool.floats(20_000));
    assertTrue(error.getMessage().contains("-Xmx"), error.getMessage());
  }

  /** A chain of a million additions would be wrong by a hundredth. */
  @Test
  void longSumsOverRowsKeepTheirDigits() {
    int rows = 1_000_000;
    var x = new float[2 * rows];
    Arrays.fill(x, 0.1f);
    for (var backend : Backends.ALL) {
      var sums =
          Backends.run(
              backend,
              new Object[] {x},
              new int[] {2},
              (on, in, out) -> on.reduce(ReduceOp.SUM, new Reduction(1, rows, 2), in[0], out[0]));
      assertEquals(rows * (double) 0.1f, sums[0][0], 10, backend.toString());
      assertEquals(sums[0][0], sums[0][1]);
    }
  }

  /** Eight chains of half a million additions would be wrong by a third of a percent. */
  @Test
  void longSumsOfSeveralRowsKeepTheirDigits() {
    int length = 4_000_000;
    var x = new float[2 * length];
    Arrays.fill(x, 0.1f);
    for (var backend : Backends.ALL) {
      for (int rows : new int[] {1, 2}) {
        var sums =
            Backends.run(
                backend,
                new Object[] {Arrays.copyOf(x, rows * length)},
                new int[] {rows},
                (on, in, out) ->
                    on.reduce(ReduceOp.SUM, new Reduction(rows, length, 1), in[0], out[0]));
        for (double sum : sums[0]) {
          assertEquals(length * (double) 0.1f, sum, 40, backend.toString());
          assertEquals(sums[0][0], sum, "a row alone has the bits of one of several");
        }
      }
    }
  }

  @Test
  void slicesAndWhatWasReleasedAreNotReleased() {
    try (var backend = Backends.backend(1, false, "none")) {
      var storage = backend.allocate(DType.FLOAT32, 10);
      var slice = storage.slice(2, 3);
      assertEquals(3, slice.length());
      assertThrows(IllegalStateException.class, () -> backend.release(slice));
      backend.release(storage);
      assertThrows(IllegalStateException.class, () -> backend.release(storage));
      assertThrows(IndexOutOfBoundsException.class, () -> storage.slice(8, 3));
    }
  }

  @Test
  void aStorageOfAnotherBackendIsRefused() {
    var foreign = Backends.REFERENCE.allocate(DType.FLOAT32, 3);
    var backend = Backends.ALL.get(0);
    assertThrows(IllegalArgumentException.class, () -> backend.fill(foreign, 1));
    assertThrows(IllegalArgumentException.class, () -> backend.release(foreign));
    var indices = backend.allocate(DType.INT32, 3);
    assertThrows(IllegalArgumentException.class, () -> backend.read(indices, new float[3]));
  }
}
