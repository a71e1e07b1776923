package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.SIZES;
import static dev.impromptu.cuda.KernelTrial.random;
import static dev.impromptu.cuda.KernelTrial.randomInts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.UnaryOp;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("elementwise")
class ElementwiseKernelsTest {
  private static final BinaryOp[] ARITHMETIC = {
    BinaryOp.ADD, BinaryOp.SUBTRACT, BinaryOp.MULTIPLY, BinaryOp.DIVIDE
  };

  @Test
  void functionsOfOneArgumentAgreeWithTheReference() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (int size : SIZES) {
            for (UnaryOp op : UnaryOp.values()) {
              int offset = (size + op.ordinal()) % 4;
              float[] values = positiveWhereNeeded(op, random(size, 1));
              String what = op + ", " + size + " elements from " + offset;
              var x = trial.floats(values, offset);
              var y = trial.unwritten(size, offset);
              trial.agree(
                  what,
                  1,
                  o -> REFERENCE.unary(op, o[0], o[1]),
                  o -> kernels.unary(op, o[0], o[1]),
                  x,
                  y);
              trial.agree(
                  what + ", backward",
                  4,
                  o -> REFERENCE.unaryBackward(op, o[0], o[1], o[2], o[3]),
                  o -> kernels.unaryBackward(op, o[0], o[1], o[2], o[3]),
                  x,
                  y,
                  trial.floats(random(size, 2), size % 2 * offset),
                  trial.unwritten(size, offset));
              trial.agree(
                  what + ", in place",
                  1,
                  o -> REFERENCE.unary(op, o[0], o[0]),
                  o -> kernels.unary(op, o[0], o[0]),
                  trial.floats(values, offset));
              trial.agree(
                  "affine of " + what,
                  1,
                  o -> REFERENCE.affine(-1.25, 0.75, o[0], o[1]),
                  o -> kernels.affine(-1.25, 0.75, o[0], o[1]),
                  x,
                  trial.unwritten(size, 4 - offset));
            }
          }
        });
  }

  private static float[] positiveWhereNeeded(UnaryOp op, float[] values) {
    if (op == UnaryOp.LOG || op == UnaryOp.SQRT) {
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.abs(values[i]) + 0.1f;
      }
    }
    return values;
  }

  @Test
  void zerosInfinitiesAndNanAreAsInTheReference() {
    float[] values = {
      0, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 100, -100, 1e-30f, -1
    };
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (UnaryOp op : UnaryOp.values()) {
            // e^100 is no number of 32 bits, which the reference has.
            float[] own = values.clone();
            if (op == UnaryOp.EXP) {
              own[5] = 2;
            }
            trial.agree(
                op.toString(),
                1,
                o -> REFERENCE.unary(op, o[0], o[1]),
                o -> kernels.unary(op, o[0], o[1]),
                trial.floats(own, 0),
                trial.unwritten(own.length, 0));
          }
          float[] infinite = new float[values.length];
          Arrays.fill(infinite, Float.POSITIVE_INFINITY);
          // Those whose derivative is the same number in 32 bits and in 64.
          for (UnaryOp op : List.of(UnaryOp.NEGATE, UnaryOp.RELU, UnaryOp.ABS, UnaryOp.SQUARE)) {
            for (float[] dy : List.of(random(values.length, 3), infinite)) {
              trial.agree(
                  "gradient of " + op,
                  1,
                  o -> REFERENCE.unaryBackward(op, o[0], o[0], o[1], o[2]),
                  o -> kernels.unaryBackward(op, o[0], o[0], o[1], o[2]),
                  trial.floats(values, 0),
                  trial.floats(dy, 0),
                  trial.unwritten(values.length, 0));
            }
          }
        });
  }

  @Test
  void operandsSpreadOverTheCommonShape() {
    int[][] shapes = {
      {1},
      {257},
      {9, 8},
      {7, 9},
      {33, 1},
      {3, 5, 7},
      {4, 8, 12},
      {2, 3, 4, 5},
      {2, 3, 2, 3, 2},
      {2, 1, 3, 2, 2, 3, 2, 2}
    };
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (int[] shape : shapes) {
            // A bit for each axis along which an operand is repeated.
            int all = (1 << shape.length) - 1;
            int every = 0b01010101 & all;
            int[][] repeated = {
              {0, 0}, {0, all}, {all, 0}, {0, every}, {all & ~every, every}, {0, all >> 1}
            };
            for (int[] masks : repeated) {
              for (int offset : new int[] {0, 1}) {
                BinaryOp op = ARITHMETIC[(masks[0] + masks[1] + offset) % 4];
                binary(trial, kernels, op, shape, masks[0], masks[1], offset);
              }
            }
          }
        });
  }

  @Test
  void everyFunctionOfTwoArgumentsAgreesWithTheReferenceOnEqualAndOddValues() {
    float nan = Float.NaN;
    float[] left = {1, 2, 0.5f, 0, 0, 3, nan, 2, 0.25f, 4};
    float[] right = {2, 1, 0.5f, 0, 2, 0, 1, nan, -1, 0.5f};
    var broadcast = new Broadcast(new int[] {10}, new int[] {1}, new int[] {1});
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (BinaryOp op : BinaryOp.values()) {
            if (op == BinaryOp.DIVIDE) {
              continue; // 0 / 0 is no number here, and the sign of that is nobody's promise.
            }
            var out = trial.unwritten(10, 1);
            kernels.binary(
                op,
                broadcast,
                trial.floats(left, 0).device(),
                trial.floats(right, 3).device(),
                out.device());
            var expected = REFERENCE.allocate(DType.FLOAT32, 10);
            REFERENCE.binary(op, broadcast, stored(left), stored(right), expected);
            float[] values = new float[10];
            REFERENCE.read(expected, values);
            assertArrayEquals(values, trial.read(out), 1e-6f, op.toString());
          }
        });
  }

  private static Storage stored(float[] values) {
    Storage storage = REFERENCE.allocate(DType.FLOAT32, values.length);
    REFERENCE.write(values, storage);
    return storage;
  }

  private static void binary(
      KernelTrial trial,
      ElementwiseKernels kernels,
      BinaryOp op,
      int[] shape,
      int repeatedLeft,
      int repeatedRight,
      int offset) {
    var broadcast =
        new Broadcast(shape, strides(shape, repeatedLeft), strides(shape, repeatedRight));
    trial.agree(
        "%s over %s, left %s, right %s from %d"
            .formatted(
                op,
                Arrays.toString(shape),
                Arrays.toString(broadcast.leftStrides()),
                Arrays.toString(broadcast.rightStrides()),
                offset),
        // A quotient may be large beside what it is compared with.
        4,
        o -> REFERENCE.binary(op, broadcast, o[0], o[1], o[2]),
        o -> kernels.binary(op, broadcast, o[0], o[1], o[2]),
        trial.floats(random(size(shape, repeatedLeft), 4), 0),
        trial.floats(random(size(shape, repeatedRight), 5), offset),
        trial.unwritten(size(shape, 0), 2 * offset));
  }

  private static int size(int[] shape, int repeated) {
    int size = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      size *= (repeated >> axis & 1) == 1 ? 1 : shape[axis];
    }
    return size;
  }

  private static int[] strides(int[] shape, int repeated) {
    var strides = new int[shape.length];
    int stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      boolean once = (repeated >> axis & 1) == 1;
      strides[axis] = once ? 0 : stride;
      stride *= once ? 1 : shape[axis];
    }
    return strides;
  }

  @Test
  void ofTwoZerosTheNegativeOneIsTheLesser() {
    float[] left = {0f, -0f, 0f, -0f};
    float[] right = {-0f, 0f, 0f, -0f};
    var same = new Broadcast(new int[] {4}, new int[] {1}, new int[] {1});
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          var x = trial.floats(left, 0).device();
          var y = trial.floats(right, 0).device();
          var out = trial.unwritten(4, 0);
          kernels.binary(BinaryOp.MINIMUM, same, x, y, out.device());
          assertArrayEquals(new float[] {-0f, -0f, 0f, -0f}, trial.read(out));
          kernels.binary(BinaryOp.MAXIMUM, same, x, y, out.device());
          assertArrayEquals(new float[] {0f, 0f, 0f, -0f}, trial.read(out));
        });
  }

  @Test
  void aSumMayReplaceEitherOperand() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          var rows = new Broadcast(new int[] {9, 33}, new int[] {33, 1}, new int[] {0, 1});
          trial.agree(
              "left",
              1,
              o -> REFERENCE.binary(BinaryOp.ADD, rows, o[1], o[0], o[1]),
              o -> kernels.binary(BinaryOp.ADD, rows, o[1], o[0], o[1]),
              trial.floats(random(33, 6), 1),
              trial.floats(random(9 * 33, 7), 3));
          var same = new Broadcast(new int[] {257}, new int[] {1}, new int[] {1});
          trial.agree(
              "right",
              1,
              o -> REFERENCE.binary(BinaryOp.SUBTRACT, same, o[0], o[1], o[1]),
              o -> kernels.binary(BinaryOp.SUBTRACT, same, o[0], o[1], o[1]),
              trial.floats(random(257, 8), 0),
              trial.floats(random(257, 9), 0));
        });
  }

  @Test
  void runsAreCopiedFromAnywhereToAnywhere() {
    BlockCopy[] copies = {
      new BlockCopy(1, 257, 3, 0, 1, 0),
      new BlockCopy(9, 7, 0, 7, 0, 7),
      new BlockCopy(9, 7, 2, 9, 5, 8),
      new BlockCopy(33, 8, 4, 12, 8, 16),
      new BlockCopy(8, 1, 1, 3, 0, 2),
      new BlockCopy(0, 7, 0, 7, 0, 7),
      new BlockCopy(7, 0, 0, 7, 0, 7)
    };
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (BlockCopy copy : copies) {
            int last = Math.max(0, copy.count() - 1);
            int from = copy.sourceOffset() + last * copy.sourceStride() + copy.length();
            int to = copy.targetOffset() + last * copy.targetStride() + copy.length();
            for (int offset : new int[] {0, 1}) {
              trial.agree(
                  copy.toString(),
                  1,
                  o -> REFERENCE.copy(copy, o[0], o[1]),
                  o -> kernels.copy(copy, o[0], o[1]),
                  trial.floats(random(from, 10), offset),
                  trial.floats(random(to, 11), 0));
              trial.agree(
                  copy.toString(),
                  1,
                  o -> REFERENCE.copy(copy, o[0], o[1]),
                  o -> kernels.copy(copy, o[0], o[1]),
                  trial.ints(randomInts(from, 99, 12), 0),
                  trial.ints(randomInts(to, 99, 13), offset));
            }
          }
        });
  }

  @Test
  void axesComeInAnyOrder() {
    int[][][] cases = {
      {{257}, {0}},
      {{1, 1}, {1, 0}},
      {{33, 31}, {1, 0}},
      {{64, 32}, {1, 0}},
      {{1, 65}, {1, 0}},
      {{3, 33, 7}, {0, 2, 1}},
      {{5, 3, 8}, {1, 0, 2}},
      {{5, 3, 8}, {2, 0, 1}},
      {{2, 3, 4, 5}, {0, 1, 2, 3}},
      {{2, 3, 4, 5}, {3, 1, 0, 2}},
      {{2, 3, 4, 5}, {3, 2, 1, 0}},
      {{2, 3, 2, 4, 3}, {4, 3, 2, 1, 0}},
      {{2, 2, 3, 2, 2, 3}, {5, 2, 0, 4, 1, 3}}
    };
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          for (int[][] of : cases) {
            int size = size(of[0], 0);
            String what = Arrays.deepToString(of);
            trial.agree(
                what,
                1,
                o -> REFERENCE.permute(of[0], of[1], o[0], o[1]),
                o -> kernels.permute(of[0], of[1], o[0], o[1]),
                trial.floats(random(size, 14), 1),
                trial.unwritten(size, 3));
            trial.agree(
                what,
                1,
                o -> REFERENCE.permute(of[0], of[1], o[0], o[1]),
                o -> kernels.permute(of[0], of[1], o[0], o[1]),
                trial.ints(randomInts(size, 1000, 15), 0),
                trial.unwrittenInts(size, 0));
          }
        });
  }

  @Test
  void aBlockTransposesMatrixAfterMatrix() {
    int[] shape = {3, 33, 31};
    KernelTrial.onEachChip(
        trial ->
            trial.agree(
                "three matrices, two tiles each, one block for each tile",
                1,
                o -> REFERENCE.permute(shape, new int[] {0, 2, 1}, o[0], o[1]),
                o ->
                    trial
                        .runtime
                        .family("elementwise")
                        .launch(
                            "transpose",
                            new LaunchShape(2, 1, 256, 0),
                            o[0],
                            o[1],
                            shape[0],
                            shape[1],
                            shape[2]),
                trial.floats(random(size(shape, 0), 17), 0),
                trial.unwritten(size(shape, 0), 0)));
  }

  @Test
  void aGridHasNoMoreRowsThanItMay() {
    assertEquals(
        new LaunchShape(2, 65_535, 256, 0), ElementwiseKernels.transposeGrid(70_000, 33, 31));
  }

  @Test
  void bfloat16IsRoundedToTheNearestEven() {
    int[] bits = {
      0x3f800000,
      0x3f808000,
      0x3f818000,
      0x3f808001,
      0x3f807fff,
      0x7f7fffff,
      0x7f800000,
      0xff800000,
      0x80000000,
      // Not a number, whatever its bits: rounding carries neither away its last nor beyond its
      // first.
      0x7f800001,
      0x7fffffff,
      0xffffffff
    };
    int[] halves = {
      0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x3f80, 0x7f80, 0x7f80, 0xff80, 0x8000, 0x7fc0, 0x7fff, 0xffff
    };
    KernelTrial.onEachChip(
        trial -> {
          for (int count = 1; count <= bits.length; count++) {
            var values = new float[count];
            var expected = new int[Math.ceilDiv(count, 2)];
            for (int i = 0; i < count; i++) {
              values[i] = Float.intBitsToFloat(bits[i]);
              expected[i / 2] |= halves[i] << 16 * (i % 2);
            }
            var words = trial.unwrittenInts(expected.length, 0);
            new ElementwiseKernels(trial.runtime)
                .toBf16(trial.floats(values, count % 2).device(), words.device());
            var met = new int[expected.length];
            new CudaMemory(trial.runtime).read(words.device(), met);
            assertArrayEquals(expected, met, count + " values");
          }
        });
  }

  @Test
  void fillingRoundsIndices() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          trial.agree(
              "floats",
              1,
              o -> REFERENCE.fill(o[0], -1.5),
              o -> kernels.fill(o[0], -1.5),
              trial.unwritten(33, 1));
          trial.agree(
              "indices",
              1,
              o -> REFERENCE.fill(o[0], 6.6),
              o -> kernels.fill(o[0], 6.6),
              trial.unwrittenInts(9, 3));
        });
  }

  @Test
  void nothingIsLaunchedForNothing() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          CudaStorage none = trial.unwritten(0, 0).device();
          kernels.fill(none, 1);
          kernels.unary(UnaryOp.EXP, none, none);
          kernels.unaryBackward(UnaryOp.EXP, none, none, none, none);
          kernels.affine(1, 1, none, none);
          kernels.binary(
              BinaryOp.ADD,
              new Broadcast(new int[] {0, 3}, new int[] {3, 1}, new int[] {3, 1}),
              none,
              none,
              none);
          kernels.permute(new int[] {0, 3}, new int[] {1, 0}, none, none);
          trial.runtime.context().synchronize();
        });
  }

  @Test
  void everyOrderOfThreadsTransposesAlike() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          var x = trial.floats(random(3 * 40 * 50, 16), 0);
          var y = trial.unwritten(3 * 40 * 50, 0);
          trial.sameBitsInEveryOrder(
              () ->
                  kernels.permute(
                      new int[] {3, 40, 50}, new int[] {0, 2, 1}, x.device(), y.device()),
              y);
        });
  }

  @Test
  void axesMergeWhereAllOperandsStepThroughBothAsOne() {
    var merged =
        MergedAxes.of(
            new int[] {2, 3, 1, 4, 5}, new int[] {60, 20, 20, 5, 1}, new int[] {0, 0, 7, 5, 1});
    assertArrayEquals(new int[] {6, 20}, merged.shape());
    assertArrayEquals(new int[] {20, 1}, merged.strides()[0]);
    assertArrayEquals(new int[] {0, 1}, merged.strides()[1]);
    assertEquals(0, MergedAxes.of(new int[] {1, 1}, new int[] {5, 5}).rank());
  }

  @Test
  void affineRoundsTheProductAndThenTheSum() {
    float[] values = KernelTrial.random(1000, 5);
    var expected = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      float product = 1.1f * values[i];
      expected[i] = product + 0.3f;
    }
    KernelTrial.onEachChip(
        trial -> {
          var y = trial.unwritten(values.length, 0);
          new ElementwiseKernels(trial.runtime)
              .affine(1.1f, 0.3f, trial.floats(values, 0).device(), y.device());
          assertArrayEquals(expected, trial.read(y));
        });
  }

  @Test
  void aCopyBeyondAStorageIsRefused() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ElementwiseKernels(trial.runtime);
          var ten = trial.floats(new float[10], 0).device();
          var many = trial.floats(new float[100], 0).device();
          for (BlockCopy blocks :
              List.of(
                  new BlockCopy(3, 2, 0, 4, 0, 2),
                  new BlockCopy(3, 2, 1, 4, 0, 5),
                  new BlockCopy(1, 11, 0, 11, 0, 11))) {
            kernels.copy(blocks, many, many.slice(50, 50));
            if (blocks.length() != 2 || blocks.targetStride() != 2) {
              assertThrows(IndexOutOfBoundsException.class, () -> kernels.copy(blocks, many, ten));
            }
            if (blocks.length() != 2 || blocks.sourceOffset() == 1) {
              assertThrows(IndexOutOfBoundsException.class, () -> kernels.copy(blocks, ten, many));
            }
          }
          trial.runtime.context().synchronize();
        });
  }
}
