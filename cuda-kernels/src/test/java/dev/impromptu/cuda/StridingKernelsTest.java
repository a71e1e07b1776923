package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;
import static dev.impromptu.cuda.KernelTrial.randomInts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.UnaryOp;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import dev.impromptu.cuda.driverdouble.WithDriverDouble;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Kernels whose grid covers a part of the work alone, as where there is more of it than a grid may
 * cover: two blocks along x, or one along y, do what hundreds would.
 */
@WithDriverDouble
class StridingKernelsTest {
  /** More than two rounds of two blocks of 256 threads, four elements each. */
  private static final int MANY = 5000;

  private static final int ANY = Integer.MAX_VALUE;

  private static void onTwoBlocks(List<String> kernels, KernelTrial.Body body) {
    onFew(2, ANY, kernels, body);
  }

  private static void onOneRow(List<String> kernels, KernelTrial.Body body) {
    onFew(ANY, 1, kernels, body);
  }

  private static void onFew(int x, int y, List<String> kernels, KernelTrial.Body body) {
    kernels.forEach(kernel -> TestDriver.limitGrid(kernel, x, y));
    KernelTrial.onEachChip(body);
    DriverDouble.find()
        .ifPresent(
            driver -> kernels.forEach(kernel -> assertTrue(driver.launches(kernel) > 0, kernel)));
  }

  @Test
  @Tag("elementwise")
  void functionsOfOneArgument() {
    onTwoBlocks(
        List.of("unary", "unary_backward", "affine"),
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (int offset : new int[] {0, 1}) {
            var x = trial.floats(random(MANY, 1), offset);
            var y = trial.unwritten(MANY, offset);
            trial.agree(
                "unary",
                1,
                o -> REFERENCE.unary(UnaryOp.TANH, o[0], o[1]),
                o -> kernels.unary(UnaryOp.TANH, o[0], o[1]),
                x,
                y);
            trial.agree(
                "unary_backward",
                4,
                o -> REFERENCE.unaryBackward(UnaryOp.TANH, o[0], o[1], o[2], o[3]),
                o -> kernels.unaryBackward(UnaryOp.TANH, o[0], o[1], o[2], o[3]),
                x,
                y,
                trial.floats(random(MANY, 2), offset),
                trial.unwritten(MANY, offset));
            trial.agree(
                "affine",
                1,
                o -> REFERENCE.affine(-1.25, 0.75, o[0], o[1]),
                o -> kernels.affine(-1.25, 0.75, o[0], o[1]),
                x,
                trial.unwritten(MANY, offset));
          }
        });
  }

  @Test
  @Tag("elementwise")
  void functionsOfTwoArguments() {
    Broadcast[] spread = {
      new Broadcast(new int[] {MANY}, new int[] {1}, new int[] {1}),
      new Broadcast(new int[] {50, 100}, new int[] {100, 1}, new int[] {0, 1}),
      new Broadcast(new int[] {100, 50}, new int[] {50, 1}, new int[] {1, 0}),
      new Broadcast(new int[] {5, 10, 100}, new int[] {1000, 100, 1}, new int[] {100, 0, 1})
    };
    onTwoBlocks(
        List.of("binary_rows", "binary_general"),
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (Broadcast each : spread) {
            trial.agree(
                Arrays.toString(each.shape()) + Arrays.toString(each.rightStrides()),
                1,
                o -> REFERENCE.binary(BinaryOp.SUBTRACT, each, o[0], o[1], o[2]),
                o -> kernels.binary(BinaryOp.SUBTRACT, each, o[0], o[1], o[2]),
                trial.floats(random(MANY, 3), 0),
                trial.floats(random(MANY, 4), 0),
                trial.unwritten(MANY, 0));
          }
        });
  }

  @Test
  @Tag("elementwise")
  void copiesAndLayouts() {
    onTwoBlocks(
        List.of("copy_runs", "permute", "to_bf16"),
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          // Four at a time and one by one.
          for (int length : new int[] {48, 49}) {
            var runs = new BlockCopy(100, length, 0, 52, 0, 60);
            trial.agree(
                runs.toString(),
                1,
                o -> REFERENCE.copy(runs, o[0], o[1]),
                o -> kernels.copy(runs, o[0], o[1]),
                trial.floats(random(100 * 52, 5), 0),
                trial.floats(random(100 * 60, 6), 0));
          }
          int[] shape = {10, 20, 25};
          int[] order = {2, 1, 0};
          trial.agree(
              "permute",
              1,
              o -> REFERENCE.permute(shape, order, o[0], o[1]),
              o -> kernels.permute(shape, order, o[0], o[1]),
              trial.floats(random(MANY, 7), 0),
              trial.unwritten(MANY, 0));
          var values = new float[MANY];
          var expected = new int[MANY / 2];
          for (int i = 0; i < MANY; i++) {
            // Few enough bits that nothing is rounded.
            values[i] = i % 256;
            expected[i / 2] |= Float.floatToRawIntBits(values[i]) >>> 16 << 16 * (i % 2);
          }
          var words = trial.unwrittenInts(MANY / 2, 0);
          kernels.toBf16(trial.floats(values, 0).device(), words.device());
          var met = new int[MANY / 2];
          new CudaMemory(trial.runtime).read(words.device(), met);
          assertArrayEquals(expected, met);
        });
  }

  @Test
  @Tag("rows")
  void rowsByTheirIndices() {
    onTwoBlocks(
        List.of("gather_rows", "gather_along", "scatter_add_along", "one_hot"),
        trial -> {
          var kernels = new RowKernels(trial.runtime);
          for (int width : new int[] {8, 5}) {
            int count = MANY / width;
            trial.agree(
                "gather_rows",
                1,
                o -> REFERENCE.gatherRows(width, o[0], o[1], o[2]),
                o -> kernels.gatherRows(width, o[0], o[1], o[2]),
                trial.floats(random(9 * width, 1), 0),
                trial.ints(randomInts(count, 9, 2), 0),
                trial.unwritten(count * width, 0));
          }
          var axis = new Reduction(30, 3, 40);
          var ids = trial.ints(randomInts(30 * 4 * 40, 3, 3), 0);
          trial.agree(
              "gather_along",
              1,
              o -> REFERENCE.gatherAlong(axis, o[0], o[1], o[2]),
              o -> kernels.gatherAlong(axis, o[0], o[1], o[2]),
              trial.floats(random(30 * 3 * 40, 4), 0),
              ids,
              trial.unwritten(30 * 4 * 40, 0));
          trial.agree(
              "scatter_add_along",
              4,
              o -> REFERENCE.scatterAddAlong(axis, o[0], o[1], o[2]),
              o -> kernels.scatterAddAlong(axis, o[0], o[1], o[2]),
              ids,
              trial.floats(random(30 * 4 * 40, 5), 0),
              trial.floats(random(30 * 3 * 40, 6), 0));
          trial.agree(
              "one_hot",
              1,
              o -> REFERENCE.oneHot(10, OptionalInt.of(4), o[0], o[1]),
              o -> kernels.oneHot(10, OptionalInt.of(4), o[0], o[1]),
              trial.ints(randomInts(MANY / 10, 10, 7), 0),
              trial.unwritten(MANY, 0));
        });
  }

  @Test
  @Tag("cross_entropy")
  void lossesAndTheirGradient() {
    onTwoBlocks(
        List.of("cross_entropy", "cross_entropy_backward"),
        trial -> {
          var kernels = new CrossEntropyKernels(trial.runtime);
          var targets = trial.ints(randomInts(50, 100, 1), 0);
          var probabilities = trial.unwritten(MANY, 0);
          trial.agree(
              "losses",
              100,
              o -> REFERENCE.crossEntropy(100, o[0], o[1], o[2], o[3]),
              o -> kernels.crossEntropy(100, o[0], o[1], o[2], o[3]),
              trial.floats(random(MANY, 2), 0),
              targets,
              probabilities,
              trial.unwritten(50, 0));
          trial.agree(
              "gradient",
              100,
              o -> REFERENCE.crossEntropyBackward(100, o[0], o[1], o[2], o[3]),
              o -> kernels.crossEntropyBackward(100, o[0], o[1], o[2], o[3]),
              probabilities,
              targets,
              trial.floats(random(50, 3), 0),
              trial.unwritten(MANY, 0));
        });
  }

  @Test
  @Tag("layer_norm")
  void rowsNormalised() {
    onTwoBlocks(
        List.of(
            "layer_norm_warps",
            "layer_norm_blocks",
            "layer_norm_backward_warps",
            "layer_norm_backward_blocks"),
        trial -> {
          new LayerNormOperands(trial, 50, 100).agree();
          new LayerNormOperands(trial, 5, 600).agree();
        });
  }

  @Test
  @Tag("dropout")
  void dropout() {
    var key = new PhiloxKey(3, 1, 2);
    onTwoBlocks(
        List.of("dropout"),
        trial -> {
          trial.runtime.stepBlock().randomStep(key.step());
          trial.agree(
              "dropout",
              1,
              o -> REFERENCE.dropout(0.5, key, o[0], o[1]),
              o -> new DropoutKernels(trial.runtime).dropout(0.5, key, o[0], o[1]),
              trial.floats(random(MANY, 1), 0),
              trial.unwritten(MANY, 0));
        });
  }

  @Test
  @Tag("reduction")
  void rowsReduced() {
    onTwoBlocks(
        List.of("arg_max", "reduce_rows"),
        trial -> {
          var kernels = new ReductionKernels(trial.runtime);
          var x = trial.floats(random(MANY, 1), 0);
          trial.agree(
              "arg_max",
              1,
              o -> REFERENCE.argMax(100, o[0], o[1]),
              o -> kernels.argMax(100, o[0], o[1]),
              x,
              trial.unwrittenInts(50, 0));
          trial.agree(
              "reduce_rows",
              100,
              o -> REFERENCE.reduce(ReduceOp.SUM, new Reduction(50, 100, 1), o[0], o[1]),
              o -> kernels.reduce(ReduceOp.SUM, new Reduction(50, 100, 1), o[0], o[1]),
              x,
              trial.unwritten(50, 0));
        });
  }

  @Test
  @Tag("matmul")
  void piecesOfAProductAddedUp() {
    var shape = new Matmul(1, 40, 130, 1000, false, false);
    onTwoBlocks(
        List.of("gemm_fold"),
        trial ->
            trial.agree(
                "gemm_fold",
                shape.k(),
                o -> REFERENCE.matmul(shape, o[0], o[1], o[2]),
                o ->
                    new CudaProducts(trial.runtime, Optional.empty())
                        .matmul(shape, o[0], o[1], o[2]),
                trial.floats(random(40 * 1000, 1), 0),
                trial.floats(random(1000 * 130, 2), 0),
                trial.unwritten(40 * 130, 0)));
  }

  @Test
  @Tag("matmul")
  void matrixAfterMatrixOfABatch() {
    onOneRow(
        List.of("skinny_n", "skinny_t", "gemm_nn", "gemm_nt"),
        trial -> {
          var products = new CudaProducts(trial.runtime, Optional.empty());
          for (int rows : new int[] {2, 9}) {
            for (boolean transposed : new boolean[] {false, true}) {
              var shape = new Matmul(3, rows, 33, 40, false, transposed);
              trial.agree(
                  shape.toString(),
                  shape.k(),
                  o -> REFERENCE.matmul(shape, o[0], o[1], o[2]),
                  o -> products.matmul(shape, o[0], o[1], o[2]),
                  trial.floats(random(3 * rows * 40, 3), 0),
                  trial.floats(random(3 * 40 * 33, 4), 0),
                  trial.unwritten(3 * rows * 33, 0));
            }
          }
        });
  }

  @Test
  @Tag("adam")
  void adam() {
    onTwoBlocks(List.of("adam"), trial -> new OptimizerOperands(trial, MANY, 0, 0, 0, 0).adam());
  }

  @Test
  @Tag("optimizers")
  void otherOptimizers() {
    onTwoBlocks(
        List.of("sgd", "rms_prop"),
        trial -> {
          new OptimizerOperands(trial, MANY, 0, 0, 0).sgd();
          new OptimizerOperands(trial, MANY, 0, 0, 0, 0, 0).rmsProp();
        });
  }
}
