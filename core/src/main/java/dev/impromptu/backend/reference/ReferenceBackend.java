package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.ReferenceStorage.doubles;
import static dev.impromptu.backend.reference.ReferenceStorage.ints;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.backend.Recording;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.RmsPropSlot;
import dev.impromptu.backend.RmsPropStep;
import dev.impromptu.backend.SgdSlot;
import dev.impromptu.backend.SgdStep;
import dev.impromptu.backend.StepValues;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.UnaryOp;
import dev.impromptu.random.Philox;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The definition of every operation, in double precision and on one thread. Slow on purpose: the
 * other backends are compared with it, and gradients are checked on it.
 */
public final class ReferenceBackend implements Backend {
  static final String NAME = "reference";

  /** Makes one; it holds nothing, so as many as you like may exist. */
  public ReferenceBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> description() {
    return List.of("plain loops in double precision, one thread");
  }

  // Memory

  @Override
  public Storage allocate(DType type, int length) {
    return switch (type) {
      case FLOAT32 -> Doubles.unwritten(length);
      case INT32 -> Ints.unwritten(length);
    };
  }

  @Override
  public void release(Storage storage) {
    ReferenceStorage.of(storage);
  }

  @Override
  public void write(float[] source, Storage target) {
    var to = doubles(target);
    for (int i = 0; i < to.length(); i++) {
      to.set(i, source[i]);
    }
  }

  @Override
  public void write(double[] source, Storage target) {
    var to = doubles(target);
    for (int i = 0; i < to.length(); i++) {
      to.set(i, source[i]);
    }
  }

  @Override
  public void write(int[] source, Storage target) {
    var to = ints(target);
    for (int i = 0; i < to.length(); i++) {
      to.set(i, source[i]);
    }
  }

  @Override
  public void read(Storage source, float[] target) {
    var from = doubles(source);
    for (int i = 0; i < target.length; i++) {
      target[i] = (float) from.get(i);
    }
  }

  @Override
  public void read(Storage source, double[] target) {
    var from = doubles(source);
    for (int i = 0; i < target.length; i++) {
      target[i] = from.get(i);
    }
  }

  @Override
  public void read(Storage source, int[] target) {
    var from = ints(source);
    for (int i = 0; i < target.length; i++) {
      target[i] = from.get(i);
    }
  }

  @Override
  public void fill(Storage target, double value) {
    switch (ReferenceStorage.of(target)) {
      case Doubles values -> values.fill(value);
      case Ints indices -> indices.fill((int) Math.round(value));
    }
  }

  @Override
  public void copy(BlockCopy blocks, Storage source, Storage target) {
    var from = ReferenceStorage.of(source);
    for (int run = 0; run < blocks.count(); run++) {
      from.copyTo(
          blocks.sourceOffset() + run * blocks.sourceStride(),
          target,
          blocks.targetOffset() + run * blocks.targetStride(),
          blocks.length());
    }
  }

  @Override
  public void permute(int[] shape, int[] order, Storage source, Storage target) {
    var from = ReferenceStorage.of(source);
    int[] sourceStrides = StridedWalk.denseStrides(shape);
    var targetShape = new int[shape.length];
    var strides = new int[shape.length];
    for (int axis = 0; axis < shape.length; axis++) {
      targetShape[axis] = shape[order[axis]];
      strides[axis] = sourceStrides[order[axis]];
    }
    var walk = new StridedWalk(targetShape, strides);
    for (int i = 0; i < target.length(); i++) {
      from.copyTo(walk.offset(), target, i, 1);
      walk.advance();
    }
  }

  // Elementwise

  @Override
  public void unary(UnaryOp op, Storage x, Storage y) {
    var from = doubles(x);
    var to = doubles(y);
    for (int i = 0; i < to.length(); i++) {
      to.set(i, Scalars.apply(op, from.get(i)));
    }
  }

  @Override
  public void unaryBackward(UnaryOp op, Storage x, Storage y, Storage dy, Storage dx) {
    var input = doubles(x);
    var output = doubles(y);
    var dOutput = doubles(dy);
    var dInput = doubles(dx);
    for (int i = 0; i < dInput.length(); i++) {
      dInput.set(i, Scalars.gradient(op, input.get(i), output.get(i), dOutput.get(i)));
    }
  }

  @Override
  public void affine(double scale, double shift, Storage x, Storage y) {
    var from = doubles(x);
    var to = doubles(y);
    for (int i = 0; i < to.length(); i++) {
      to.set(i, scale * from.get(i) + shift);
    }
  }

  @Override
  public void binary(BinaryOp op, Broadcast broadcast, Storage left, Storage right, Storage out) {
    var a = doubles(left);
    var b = doubles(right);
    var to = doubles(out);
    var walkA = new StridedWalk(broadcast.shape(), broadcast.leftStrides());
    var walkB = new StridedWalk(broadcast.shape(), broadcast.rightStrides());
    for (int i = 0; i < to.length(); i++) {
      to.set(i, Scalars.apply(op, a.get(walkA.offset()), b.get(walkB.offset())));
      walkA.advance();
      walkB.advance();
    }
  }

  @Override
  public void dropout(double rate, PhiloxKey key, Storage x, Storage y) {
    var from = doubles(x);
    var to = doubles(y);
    var words = new int[4];
    for (int i = 0; i < to.length(); i++) {
      if (i % 4 == 0) {
        randomWords(i / 4, key, words);
      }
      double fraction = (words[i % 4] >>> 8) * 0x1p-24;
      to.set(i, fraction >= rate ? from.get(i) / (1 - rate) : 0);
    }
  }

  private static void randomWords(int block, PhiloxKey key, int[] words) {
    Philox.block(
        block,
        key.call(),
        (int) key.step(),
        (int) (key.step() >>> 32),
        (int) key.seed(),
        (int) (key.seed() >>> 32),
        words,
        0);
  }

  // Reductions and indices

  @Override
  public void reduce(ReduceOp op, Reduction reduction, Storage x, Storage y) {
    var from = doubles(x);
    var to = doubles(y);
    int inner = reduction.inner();
    to.fill(
        switch (op) {
          case SUM -> 0;
          case MAX -> Double.NEGATIVE_INFINITY;
          case MIN -> Double.POSITIVE_INFINITY;
        });
    for (int o = 0; o < reduction.outer(); o++) {
      for (int l = 0; l < reduction.length(); l++) {
        for (int i = 0; i < inner; i++) {
          double value = from.get((o * reduction.length() + l) * inner + i);
          double sofar = to.get(o * inner + i);
          to.set(
              o * inner + i,
              switch (op) {
                case SUM -> sofar + value;
                case MAX -> Math.max(sofar, value);
                case MIN -> Math.min(sofar, value);
              });
        }
      }
    }
  }

  @Override
  public void argMax(int columns, Storage x, Storage indices) {
    var from = doubles(x);
    var to = ints(indices);
    for (int row = 0; row < to.length(); row++) {
      int greatest = 0;
      for (int column = 1; column < columns; column++) {
        if (from.get(row * columns + column) > from.get(row * columns + greatest)) {
          greatest = column;
        }
      }
      to.set(row, greatest);
    }
  }

  @Override
  public void gatherRows(int width, Storage table, Storage ids, Storage out) {
    ReferenceRows.gather(width, table, ids, out);
  }

  @Override
  public void scatterAddRows(int width, Storage ids, Storage rows, Storage table) {
    ReferenceRows.scatterAdd(width, ids, rows, table);
  }

  @Override
  public void gatherAlong(Reduction axis, Storage x, Storage ids, Storage out) {
    ReferenceRows.gatherAlong(axis, x, ids, out);
  }

  @Override
  public void scatterAddAlong(Reduction axis, Storage ids, Storage values, Storage target) {
    ReferenceRows.scatterAddAlong(axis, ids, values, target);
  }

  @Override
  public void oneHot(int classes, OptionalInt ignored, Storage ids, Storage out) {
    ReferenceRows.oneHot(classes, ignored, ids, out);
  }

  // Products

  @Override
  public void matmul(Matmul shape, Storage a, Storage b, Storage c) {
    int m = shape.m();
    int n = shape.n();
    int k = shape.k();
    for (int i = 0; i < shape.batch(); i++) {
      var left = doubles(a).slice(i * m * k, m * k);
      var right = doubles(b).slice(i * k * n, k * n);
      multiply(shape, left, right, doubles(c).slice(i * m * n, m * n));
    }
  }

  private static void multiply(Matmul shape, Doubles a, Doubles b, Doubles c) {
    int m = shape.m();
    int n = shape.n();
    int k = shape.k();
    int rowA = shape.transposeLeft() ? 1 : k;
    int columnA = shape.transposeLeft() ? m : 1;
    c.fill(0);
    for (int i = 0; i < m; i++) {
      if (shape.transposeRight()) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int p = 0; p < k; p++) {
            sum += a.get(i * rowA + p * columnA) * b.get(j * k + p);
          }
          c.set(i * n + j, sum);
        }
      } else {
        // This order runs along the rows of B; each sum is still taken in the order of p.
        for (int p = 0; p < k; p++) {
          double factor = a.get(i * rowA + p * columnA);
          for (int j = 0; j < n; j++) {
            c.add(i * n + j, factor * b.get(p * n + j));
          }
        }
      }
    }
  }

  // Fused operations

  @Override
  public void crossEntropy(
      int classes, Storage logits, Storage targets, Storage probabilities, Storage losses) {
    ReferenceCrossEntropy.forward(classes, logits, targets, probabilities, losses);
  }

  @Override
  public void crossEntropyBackward(
      int classes, Storage probabilities, Storage targets, Storage dLosses, Storage dLogits) {
    ReferenceCrossEntropy.backward(classes, probabilities, targets, dLosses, dLogits);
  }

  @Override
  public void layerNorm(
      double epsilon, Storage x, Storage weight, Storage bias, Storage y, Storage moments) {
    ReferenceLayerNorm.forward(epsilon, x, weight, bias, y, moments);
  }

  @Override
  public void layerNormBackward(
      Storage x,
      Storage weight,
      Storage moments,
      Storage dy,
      @Nullable Storage dx,
      Storage dWeight,
      Storage dBias) {
    ReferenceLayerNorm.backward(x, weight, moments, dy, dx, dWeight, dBias);
  }

  @Override
  public int lstmReserve(LstmShape shape) {
    return new ReferenceLstm(shape).reserve();
  }

  @Override
  public void lstmForward(
      LstmShape shape,
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage y,
      LstmState last,
      Storage reserve) {
    new ReferenceLstm(shape).forward(x, weights, initial, y, last, reserve);
  }

  @Override
  public void lstmBackward(
      LstmShape shape,
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage reserve,
      @Nullable Storage dy,
      @Nullable LstmState dLast,
      @Nullable Storage dx,
      @Nullable LstmState dInitial,
      List<LstmWeights> dWeights) {
    new ReferenceLstm(shape)
        .backward(x, weights, initial, reserve, dy, dLast, dx, dInitial, dWeights);
  }

  @Override
  public void lstmStep(
      LstmShape shape, Storage x, List<LstmWeights> weights, LstmState before, LstmState after) {
    var lstm = new ReferenceLstm(shape);
    var y = Doubles.unwritten(shape.batch() * shape.hiddenSize());
    lstm.forward(x, weights, before, y, after, Doubles.unwritten(lstm.reserve()));
  }

  @Override
  public void causalConv1d(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      @Nullable Storage added,
      Storage y) {
    new ReferenceConv(shape).forward(x, weight, bias, added, y);
  }

  @Override
  public void causalConv1dBackwardInput(
      ConvShape shape, Storage dy, Storage weight, @Nullable Storage added, Storage dx) {
    new ReferenceConv(shape).backwardInput(dy, weight, added, dx);
  }

  @Override
  public void causalConv1dBackwardWeight(
      ConvShape shape, Storage x, Storage dy, Storage dWeight, @Nullable Storage dBias) {
    new ReferenceConv(shape).backwardWeight(x, dy, dWeight, dBias);
  }

  @Override
  public void causalConv1dStep(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      Storage ring,
      int position,
      Storage y) {
    new ReferenceConv(shape).step(x, weight, bias, ring, position, y);
  }

  @Override
  public void gatedConv1d(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      Storage gates,
      Storage y) {
    new ReferenceConv(shape).gated(x, weight, bias, gates, y);
  }

  @Override
  public void gatedConv1dBackward(ConvShape shape, Storage gates, Storage dy, Storage dPre) {
    new ReferenceConv(shape).gatedBackward(gates, dy, dPre);
  }

  // Optimizers

  @Override
  public void norm(List<Storage> parts, Storage norm) {
    double squares = 0;
    for (var part : parts) {
      var values = doubles(part);
      for (int i = 0; i < values.length(); i++) {
        squares += values.get(i) * values.get(i);
      }
    }
    doubles(norm).set(0, Math.sqrt(squares));
  }

  @Override
  public void adam(AdamStep step, List<AdamSlot> slots) {
    slots.forEach(slot -> ReferenceOptimizers.adam(step, slot));
  }

  @Override
  public void sgd(SgdStep step, List<SgdSlot> slots) {
    slots.forEach(slot -> ReferenceOptimizers.sgd(step, slot));
  }

  @Override
  public void rmsProp(RmsPropStep step, List<RmsPropSlot> slots) {
    slots.forEach(slot -> ReferenceOptimizers.rmsProp(step, slot));
  }

  // Recording

  @Override
  public Optional<Recording> record(StepValues first, Runnable work) {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
