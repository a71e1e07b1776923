package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;
import static dev.impromptu.cuda.KernelTrial.randomInts;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.backend.UnaryOp;
import dev.impromptu.cuda.driverdouble.WithDriverDouble;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Kernels that move 16 bytes at once where all their operands allow it: one operand after the other
 * begins elsewhere. The stand-in driver refuses a 16-byte access there, as a GPU does.
 */
@WithDriverDouble
class AlignmentTest {
  /** Fours and a rest. */
  private static final int SIZE = 19;

  /** The elements in front of each operand: none, and one in front of each alone. */
  private static void onEachChip(int operands, BiConsumer<KernelTrial, int[]> body) {
    KernelTrial.onEachChip(
        trial -> {
          for (int moved = -1; moved < operands; moved++) {
            var offsets = new int[operands];
            if (moved >= 0) {
              offsets[moved] = 1;
            }
            body.accept(trial, offsets);
          }
        });
  }

  @Test
  @Tag("elementwise")
  void functionsOfOneArgument() {
    onEachChip(
        2,
        (trial, offsets) -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          var x = trial.floats(random(SIZE, 1), offsets[0]);
          trial.agree(
              "unary " + Arrays.toString(offsets),
              1,
              o -> REFERENCE.unary(UnaryOp.TANH, o[0], o[1]),
              o -> kernels.unary(UnaryOp.TANH, o[0], o[1]),
              x,
              trial.unwritten(SIZE, offsets[1]));
          trial.agree(
              "affine " + Arrays.toString(offsets),
              1,
              o -> REFERENCE.affine(2, 1, o[0], o[1]),
              o -> kernels.affine(2, 1, o[0], o[1]),
              x,
              trial.unwritten(SIZE, offsets[1]));
        });
  }

  @Test
  @Tag("elementwise")
  void gradientsOfFunctionsOfOneArgument() {
    onEachChip(
        3,
        (trial, offsets) -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          var known = trial.floats(random(SIZE, 1), offsets[0]);
          trial.agree(
              Arrays.toString(offsets),
              4,
              o -> REFERENCE.unaryBackward(UnaryOp.SQUARE, o[0], o[0], o[1], o[2]),
              o -> kernels.unaryBackward(UnaryOp.SQUARE, o[0], o[0], o[1], o[2]),
              known,
              trial.floats(random(SIZE, 2), offsets[1]),
              trial.unwritten(SIZE, offsets[2]));
        });
  }

  @Test
  @Tag("elementwise")
  void functionsOfTwoArguments() {
    Broadcast[] spread = {
      new Broadcast(new int[] {SIZE}, new int[] {1}, new int[] {1}),
      new Broadcast(new int[] {3, 8}, new int[] {8, 1}, new int[] {0, 1}),
      // Rows of an operand that begin anywhere.
      new Broadcast(new int[] {3, 8}, new int[] {9, 1}, new int[] {8, 1}),
      new Broadcast(new int[] {3, 8}, new int[] {8, 1}, new int[] {10, 1})
    };
    onEachChip(
        3,
        (trial, offsets) -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (Broadcast each : spread) {
            int size = Arrays.stream(each.shape()).reduce(1, (a, b) -> a * b);
            trial.agree(
                Arrays.toString(each.leftStrides())
                    + Arrays.toString(each.rightStrides())
                    + Arrays.toString(offsets),
                1,
                o -> REFERENCE.binary(BinaryOp.ADD, each, o[0], o[1], o[2]),
                o -> kernels.binary(BinaryOp.ADD, each, o[0], o[1], o[2]),
                trial.floats(random(30, 1), offsets[0]),
                trial.floats(random(30, 2), offsets[1]),
                trial.unwritten(size, offsets[2]));
          }
        });
  }

  @Test
  @Tag("elementwise")
  void copies() {
    BlockCopy[] copies = {
      new BlockCopy(3, 8, 0, 12, 0, 8),
      new BlockCopy(3, 8, 0, 9, 0, 8),
      new BlockCopy(3, 8, 0, 12, 0, 10),
      new BlockCopy(3, 6, 0, 12, 0, 8)
    };
    onEachChip(
        2,
        (trial, offsets) -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (BlockCopy copy : copies) {
            trial.agree(
                copy + Arrays.toString(offsets),
                1,
                o -> REFERENCE.copy(copy, o[0], o[1]),
                o -> kernels.copy(copy, o[0], o[1]),
                trial.floats(random(40, 1), offsets[0]),
                trial.floats(random(40, 2), offsets[1]));
          }
          // The words that it writes are taken one by one.
          kernels.toBf16(
              trial.floats(random(SIZE, 3), offsets[0]).device(),
              trial.unwrittenInts(SIZE / 2 + 1, offsets[1]).device());
          trial.runtime.context().synchronize();
        });
  }

  @Test
  @Tag("rows")
  void rowsByTheirIndices() {
    onEachChip(
        2,
        (trial, offsets) -> {
          var kernels = new RowKernels(trial.runtime);
          for (int width : new int[] {8, 6}) {
            trial.agree(
                width + Arrays.toString(offsets),
                1,
                o -> REFERENCE.gatherRows(width, o[0], o[1], o[2]),
                o -> kernels.gatherRows(width, o[0], o[1], o[2]),
                trial.floats(random(3 * width, 1), offsets[0]),
                trial.ints(randomInts(9, 3, 2), 0),
                trial.unwritten(9 * width, offsets[1]));
          }
        });
  }

  @Test
  @Tag("dropout")
  void dropout() {
    var key = new PhiloxKey(3, 1, 2);
    onEachChip(
        2,
        (trial, offsets) -> {
          trial.runtime.stepBlock().randomStep(key.step());
          trial.agree(
              Arrays.toString(offsets),
              1,
              o -> REFERENCE.dropout(0.5, key, o[0], o[1]),
              o -> new DropoutKernels(trial.runtime).dropout(0.5, key, o[0], o[1]),
              trial.floats(random(SIZE, 1), offsets[0]),
              trial.unwritten(SIZE, offsets[1]));
        });
  }

  @Test
  @Tag("matmul")
  void products() {
    onEachChip(
        3,
        (trial, offsets) -> {
          var products = new CudaProducts(trial.runtime, Optional.empty());
          // Matrices of a batch, the second of which begins anywhere; and rows that do.
          for (int[] s : new int[][] {{2, 9, 8, 5}, {2, 9, 7, 5}}) {
            var shape = new Matmul(s[0], s[1], s[2], s[3], false, false);
            trial.agree(
                shape + Arrays.toString(offsets),
                5,
                o -> REFERENCE.matmul(shape, o[0], o[1], o[2]),
                o -> products.matmul(shape, o[0], o[1], o[2]),
                trial.floats(random(s[0] * s[1] * s[3], 1), offsets[0]),
                trial.floats(random(s[0] * s[2] * s[3], 2), offsets[1]),
                trial.unwritten(s[0] * s[1] * s[2], offsets[2]));
          }
        });
  }

  @Test
  @Tag("adam")
  void adam() {
    onEachChip(4, (trial, offsets) -> new OptimizerOperands(trial, SIZE, offsets).adam());
  }

  @Test
  @Tag("adam")
  void norms() {
    onEachChip(
        1,
        (trial, offsets) ->
            trial.agree(
                Arrays.toString(offsets),
                1,
                o -> REFERENCE.norm(List.of(o[0]), o[1]),
                o -> new AdamKernels(trial.runtime).norm(List.of(o[0]), o[1]),
                trial.floats(random(SIZE, 1), offsets[0]),
                trial.unwritten(1, 0)));
  }

  @Test
  @Tag("optimizers")
  void otherOptimizers() {
    onEachChip(3, (trial, offsets) -> new OptimizerOperands(trial, SIZE, offsets).sgd());
    onEachChip(5, (trial, offsets) -> new OptimizerOperands(trial, SIZE, offsets).rmsProp());
  }
}
