package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.Cublas;
import dev.impromptu.cuda.driver.LaunchShape;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.testkit.Tolerance;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("matmul")
class CudaProductsTest {
  /** Batch, m, n, k. */
  private static final int[][] SHAPES = {
    {1, 1, 1, 1},
    {1, 1, 33, 257},
    {2, 7, 9, 33},
    {3, 8, 65, 8},
    {1, 9, 7, 255},
    {2, 33, 65, 17},
    {1, 64, 64, 16},
    {1, 65, 127, 33},
    {2, 9, 8, 513},
    {1, 40, 1, 1000},
    {1, 130, 70, 1}
  };

  @Test
  void productsOfEveryLayoutAgreeWithTheReference() {
    KernelTrial.onEachChip(
        trial -> {
          var products = new CudaProducts(trial.runtime, Optional.empty());
          for (int[] s : SHAPES) {
            for (int flags = 0; flags < 4; flags++) {
              var shape = new Matmul(s[0], s[1], s[2], s[3], (flags & 1) == 1, flags > 1);
              int offset = (flags + s[1]) % 4;
              trial.agree(
                  shape.toString(),
                  shape.k(),
                  o -> REFERENCE.matmul(shape, o[0], o[1], o[2]),
                  o -> products.matmul(shape, o[0], o[1], o[2]),
                  trial.floats(random(s[0] * s[1] * s[3], 1), offset),
                  trial.floats(random(s[0] * s[3] * s[2], 2), 0),
                  trial.unwritten(s[0] * s[1] * s[2], offset));
            }
          }
        });
  }

  @Test
  void cublasComputesLargeProductsBatchesIncluded() {
    KernelTrial.onEachChip(
        trial -> {
          try (var cublas = new Cublas(trial.runtime.context())) {
            var products = new CudaProducts(trial.runtime, Optional.of(cublas));
            for (int[] s : new int[][] {{1, 128, 128, 64}, {3, 96, 64, 80}}) {
              var shape = new Matmul(s[0], s[1], s[2], s[3], false, s[0] == 3);
              assertTrue(CudaProducts.isLarge(shape));
              trial.agree(
                  "cuBLAS " + shape,
                  shape.k(),
                  o -> REFERENCE.matmul(shape, o[0], o[1], o[2]),
                  o -> products.matmul(shape, o[0], o[1], o[2]),
                  trial.floats(random(s[0] * s[1] * s[3], 3), 0),
                  trial.floats(random(s[0] * s[3] * s[2], 4), 0),
                  trial.unwritten(s[0] * s[1] * s[2], 0));
            }
            trial.runtime.context().synchronize();
          }
        });
  }

  @Test
  void aSumThatVanishesKeepsItsSign() {
    var shape = new Matmul(1, 9, 9, 16, false, false);
    var small = new float[9 * 16];
    var smallNegative = new float[9 * 16];
    var expected = new float[9 * 9];
    Arrays.fill(small, 1e-30f);
    Arrays.fill(smallNegative, -1e-30f);
    Arrays.fill(expected, -0f);
    KernelTrial.onEachChip(
        trial -> {
          var c = trial.unwritten(9 * 9, 0);
          new CudaProducts(trial.runtime, Optional.empty())
              .matmul(
                  shape,
                  trial.floats(small, 0).device(),
                  trial.floats(smallNegative, 0).device(),
                  c.device());
          assertArrayEquals(expected, trial.read(c));
        });
  }

  @Test
  void sumsOfNoTermsAreZero() {
    KernelTrial.onEachChip(
        trial -> {
          var products = new CudaProducts(trial.runtime, Optional.empty());
          var none = trial.unwritten(0, 0).device();
          var c = trial.floats(new float[] {1, 2, 3, 4}, 0);
          products.matmul(new Matmul(1, 2, 2, 0, false, false), none, none, c.device());
          assertArrayEquals(new float[4], trial.read(c));
          products.matmul(new Matmul(1, 0, 2, 2, false, false), none, c.device(), none);
          trial.runtime.context().synchronize();
        });
  }

  @Test
  void everyOrderOfThreadsGivesTheSameBits() {
    KernelTrial.onEachChip(
        trial -> {
          var products = new CudaProducts(trial.runtime, Optional.empty());
          for (int[] s : new int[][] {{5, 40, 33}, {33, 34, 300}}) {
            for (boolean transposed : new boolean[] {false, true}) {
              var shape = new Matmul(1, s[0], s[1], s[2], false, transposed);
              var a = trial.floats(random(s[0] * s[2], 6), 0);
              var b = trial.floats(random(s[2] * s[1], 7), 0);
              var c = trial.unwritten(s[0] * s[1], 0);
              trial.sameBitsInEveryOrder(
                  () -> products.matmul(shape, a.device(), b.device(), c.device()), c);
            }
          }
        });
  }

  @Test
  void aBlockMultipliesMatrixAfterMatrix() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = trial.runtime.family("matmul");
          var few = new Matmul(3, 2, 33, 40, false, false);
          trial.agree(
              "few rows",
              few.k(),
              o -> REFERENCE.matmul(few, o[0], o[1], o[2]),
              o ->
                  kernels.launch(
                      "skinny_n",
                      new LaunchShape(2, 1, 256, 0),
                      o[0],
                      o[1],
                      o[2],
                      few.batch(),
                      few.m(),
                      few.n(),
                      few.k(),
                      few.k(),
                      1),
              trial.floats(random(3 * 2 * 40, 8), 0),
              trial.floats(random(3 * 40 * 33, 9), 0),
              trial.unwritten(3 * 2 * 33, 0));
          var many = new Matmul(3, 9, 7, 16, false, false);
          trial.agree(
              "tiles",
              many.k(),
              o -> REFERENCE.matmul(many, o[0], o[1], o[2]),
              o ->
                  kernels.launch(
                      "gemm_nn",
                      new LaunchShape(1, 1, 256, 0),
                      o[0],
                      o[1],
                      o[2],
                      many.batch(),
                      many.m(),
                      many.n(),
                      many.k(),
                      1,
                      16),
              trial.floats(random(3 * 9 * 16, 10), 0),
              trial.floats(random(3 * 16 * 7, 11), 0),
              trial.unwritten(3 * 9 * 7, 0));
        });
  }

  @Test
  void largeProductsHaveThePrecisionOfTheDevice() {
    var shape = new Matmul(1, 128, 128, 64, true, false);
    for (Precision precision : Precision.values()) {
      var options = CudaOptions.fromProperties();
      try (var runtime = new CudaRuntime(TestDriver.open(), precision, options)) {
        var cublas = new Cublas(runtime.context());
        var memory = new CudaMemory(runtime);
        var a = memory.allocate(DType.FLOAT32, 64 * 128);
        var b = memory.allocate(DType.FLOAT32, 64 * 128);
        var c = memory.allocate(DType.FLOAT32, 128 * 128);
        // 1 + 2^-9 is a number of TF32 but none of bfloat16, 1 + 2^-9 + 2^-16 none of either.
        var values = new float[64 * 128];
        Arrays.fill(values, 1 + 0x1p-9f + 0x1p-16f);
        memory.write(values, a);
        Arrays.fill(values, 1);
        memory.write(values, b);
        new CudaProducts(runtime, Optional.of(cublas)).matmul(shape, a, b, c);
        var met = new float[128 * 128];
        memory.read(c, met);
        float expected =
            switch (precision) {
              case FP32 -> 64 + 0x1p-3f + 0x1p-10f;
              case TF32 -> 64 + 0x1p-3f;
              case BF16 -> 64;
            };
        assertEquals(expected, met[77], precision.toString());
        cublas.close();
        List.of(a, b, c).forEach(memory::release);
      }
    }
  }

  @Test
  void largeProductsOfNumbersThatBfloat16HasAreThoseOfTheReference() {
    // Of odd lengths: the last word of each factor is half empty.
    var shape = new Matmul(1, 129, 95, 97, false, false);
    float[] left = bfloat16(129 * 97, 12);
    float[] right = bfloat16(97 * 95, 13);
    var expected = REFERENCE.allocate(DType.FLOAT32, 129 * 95);
    REFERENCE.matmul(shape, stored(left), stored(right), expected);
    var options = CudaOptions.fromProperties();
    try (var runtime = new CudaRuntime(TestDriver.open(), Precision.BF16, options);
        var cublas = new Cublas(runtime.context())) {
      var memory = new CudaMemory(runtime);
      var a = memory.allocate(DType.FLOAT32, left.length);
      var b = memory.allocate(DType.FLOAT32, right.length);
      var c = memory.allocate(DType.FLOAT32, 129 * 95);
      memory.write(left, a);
      memory.write(right, b);
      new CudaProducts(runtime, Optional.of(cublas)).matmul(shape, a, b, c);
      var met = new double[129 * 95];
      memory.read(c, met);
      var wanted = new double[met.length];
      REFERENCE.read(expected, wanted);
      Tolerance.requireClose(shape.toString(), met, wanted, Tolerance.float32(shape.k()));
      List.of(a, b, c).forEach(memory::release);
    }
  }

  private static float[] bfloat16(int length, long stream) {
    float[] values = random(length, stream);
    for (int i = 0; i < length; i++) {
      values[i] = Float.intBitsToFloat(Float.floatToRawIntBits(values[i]) & 0xffff0000);
    }
    return values;
  }

  private static Storage stored(float[] values) {
    var storage = REFERENCE.allocate(DType.FLOAT32, values.length);
    REFERENCE.write(values, storage);
    return storage;
  }

  @Test
  void otherPrecisionsNeedCublas() {
    try (var runtime = new CudaRuntime(TestDriver.open(), Precision.BF16)) {
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> new CudaProducts(runtime, Optional.empty()));
      assertTrue(e.getMessage().contains("bf16"), e.getMessage());
    }
  }

  @Test
  void whoMultipliesFollowsFromTheShape() {
    assertFalse(CudaProducts.isLarge(new Matmul(1, 8, 4096, 4096, false, false)));
    assertTrue(CudaProducts.isLarge(new Matmul(1, 128, 128, 64, false, false)));
    assertFalse(CudaProducts.isLarge(new Matmul(1, 128, 128, 63, false, false)));
    assertTrue(CudaProducts.isLarge(new Matmul(2, 64, 128, 64, false, false)));
    assertEquals(
        new LaunchShape(5, 65_535, 256, 0),
        CudaProducts.fewRowsGrid(new Matmul(70_000, 2, 33, 40, false, true)));
    assertEquals(
        new LaunchShape(2, 3, 256, 0),
        CudaProducts.fewRowsGrid(new Matmul(3, 2, 33, 40, false, false)));
    assertEquals(
        new LaunchShape(6, 65_535, 256, 0),
        CudaProducts.tilesGrid(new Matmul(35_000, 65, 129, 40, false, true), 2));
    assertEquals(64, CudaProducts.chunk(new Matmul(1, 64, 64, 64, false, false)));
    assertEquals(176, CudaProducts.chunk(new Matmul(1, 9, 9, 511, false, false)));
    assertEquals(1024, CudaProducts.chunk(new Matmul(1, 1024, 1024, 1024, false, false)));
  }

  @Test
  void piecesOfASumAreAddedInTheirOrder() {
    // Three pieces of 128 terms, of which only the first is not 0. Each other order gives 1.
    var shape = new Matmul(1, 9, 1, 384, false, true);
    var right = new float[384];
    right[0] = 1e8f;
    right[128] = 1;
    right[256] = -1e8f;
    var ones = new float[9 * 384];
    Arrays.fill(ones, 1);
    assertEquals(128, CudaProducts.chunk(shape));
    KernelTrial.onEachChip(
        trial -> {
          var c = trial.unwritten(9, 0);
          new CudaProducts(trial.runtime, Optional.empty())
              .matmul(
                  shape,
                  trial.floats(ones, 0).device(),
                  trial.floats(right, 0).device(),
                  c.device());
          assertArrayEquals(new float[9], trial.read(c));
        });
  }
}
