package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.CpuStorage.floats;
import static dev.impromptu.backend.cpu.CpuStorage.ints;

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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The processor, in single precision. Same inputs give the same bits from run to run and for any
 * number of threads, on one kind of machine.
 */
public final class CpuBackend implements Backend {
  static final String NAME = "cpu";

  private final Team team;
  private final MemoryPool pool;
  private final Kernels kernels;
  private final Supplier<Optional<OpenBlas>> blas;
  private final Products products;
  private final Elementwise elementwise;
  private final OptimizerUpdates updates;
  private final Broadcasting broadcasting;
  private final Reductions reductions;
  private final CrossEntropy crossEntropy;
  private final LayerNorm layerNorm;
  private final LstmForward lstmForward;
  private final LstmBackward lstmBackward;
  private final Convolution convolution;
  private final GatedConvolution gatedConvolution;
  private final ConvolutionGradients convolutionGradients;

  /**
   * Makes one as the system properties {@code impromptu.threads}, {@code impromptu.vector} and
   * {@code impromptu.openblas} say.
   */
  public CpuBackend() {
    this(CpuOptions.fromProperties());
  }

  CpuBackend(CpuOptions options) {
    this(options, options.vector() ? Kernels.shared() : Kernels.scalar());
  }

  CpuBackend(CpuOptions options, Kernels kernels) {
    this.kernels = kernels;
    blas = inBackground(options.openBlas());
    team = new Team(options.threads());
    pool = new MemoryPool(Runtime.getRuntime().maxMemory() / 2);
    products = new Products(team, pool, kernels, blas);
    elementwise = new Elementwise(team, kernels);
    updates = new OptimizerUpdates(elementwise, kernels);
    broadcasting = new Broadcasting(team, kernels);
    reductions = new Reductions(team, kernels);
    crossEntropy = new CrossEntropy(team, kernels);
    layerNorm = new LayerNorm(team, pool, reductions, kernels);
    lstmForward = new LstmForward(team, pool, products, kernels);
    lstmBackward = new LstmBackward(team, pool, kernels);
    convolution = new Convolution(team, pool, products, kernels);
    gatedConvolution = new GatedConvolution(team, convolution, kernels);
    convolutionGradients = new ConvolutionGradients(team, pool, kernels);
  }

  /** Loading the library takes a while, in which the program can read its data. */
  private static Supplier<Optional<OpenBlas>> inBackground(String wanted) {
    var found = new FutureTask<>(() -> OpenBlasLibrary.find(wanted));
    var thread = Thread.ofPlatform().name("impromptu-openblas").daemon().unstarted(found);
    thread.start();
    return () -> {
      boolean interrupted = false;
      try {
        while (true) {
          try {
            return found.get();
          } catch (InterruptedException e) {
            interrupted = true;
          } catch (ExecutionException e) {
            throw new IllegalArgumentException(String.valueOf(e.getCause().getMessage()), e);
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> description() {
    return List.of(
        team.size() + (team.size() == 1 ? " thread" : " threads") + ", single precision",
        "kernels: " + kernels.state().words,
        blas.get().map(b -> "products: " + b.config()).orElse("products: in Java, no OpenBLAS"));
  }

  /**
   * Waits until the kernels of the Vector API are compiled and in use, or found to be of no use,
   * which takes seconds: before that plain Java computes the same. For benchmarks; nothing else
   * needs to wait.
   *
   * @return whether they are in use; false where {@code impromptu.vector} is false, the module is
   *     absent, or the JVM does not compile them to vector instructions
   */
  public boolean awaitVectorKernels() {
    if (kernels.state() != Kernels.State.PLAIN) {
      Kernels.awaitWarm();
    }
    return kernels.state() == Kernels.State.VECTOR;
  }

  // Memory

  @Override
  public Storage allocate(DType type, int length) {
    return switch (type) {
      case FLOAT32 -> pool.floats(length);
      case INT32 -> pool.ints(length);
    };
  }

  @Override
  public void release(Storage storage) {
    switch (storage) {
      case CpuStorage own -> pool.release(own);
      default -> floats(storage);
    }
  }

  @Override
  public void write(float[] source, Storage target) {
    var to = floats(target);
    System.arraycopy(source, 0, to.array, to.offset, to.length);
  }

  @Override
  public void write(double[] source, Storage target) {
    Transfers.write(source, floats(target));
  }

  @Override
  public void write(int[] source, Storage target) {
    var to = ints(target);
    System.arraycopy(source, 0, to.array, to.offset, to.length);
  }

  @Override
  public void read(Storage source, float[] target) {
    var from = floats(source);
    System.arraycopy(from.array, from.offset, target, 0, target.length);
  }

  @Override
  public void read(Storage source, double[] target) {
    Transfers.read(floats(source), target);
  }

  @Override
  public void read(Storage source, int[] target) {
    var from = ints(source);
    System.arraycopy(from.array, from.offset, target, 0, target.length);
  }

  @Override
  public void fill(Storage target, double value) {
    if (target instanceof CpuStorage.Ints to) {
      Arrays.fill(to.array, to.offset, to.offset + to.length, (int) Math.round(value));
    } else {
      var to = floats(target);
      Arrays.fill(to.array, to.offset, to.offset + to.length, (float) value);
    }
  }

  @Override
  public void copy(BlockCopy blocks, Storage source, Storage target) {
    Transfers.copy(blocks, source, target);
  }

  @Override
  public void permute(int[] shape, int[] order, Storage source, Storage target) {
    Transfers.permute(shape, order, source, target);
  }

  // Elementwise

  @Override
  public void unary(UnaryOp op, Storage x, Storage y) {
    elementwise.unary(op, floats(x), floats(y));
  }

  @Override
  public void unaryBackward(UnaryOp op, Storage x, Storage y, Storage dy, Storage dx) {
    elementwise.unaryBackward(op, floats(x), floats(y), floats(dy), floats(dx));
  }

  @Override
  public void affine(double scale, double shift, Storage x, Storage y) {
    elementwise.affine(scale, shift, floats(x), floats(y));
  }

  @Override
  public void binary(BinaryOp op, Broadcast broadcast, Storage left, Storage right, Storage out) {
    broadcasting.binary(op, broadcast, floats(left), floats(right), floats(out));
  }

  @Override
  public void dropout(double rate, PhiloxKey key, Storage x, Storage y) {
    elementwise.dropout(rate, key, floats(x), floats(y));
  }

  // Reductions and indices

  @Override
  public void reduce(ReduceOp op, Reduction reduction, Storage x, Storage y) {
    reductions.reduce(op, reduction, floats(x), floats(y));
  }

  @Override
  public void argMax(int columns, Storage x, Storage indices) {
    reductions.argMax(columns, floats(x), ints(indices));
  }

  @Override
  public void gatherRows(int width, Storage table, Storage ids, Storage out) {
    Rows.gather(width, floats(table), ints(ids), floats(out));
  }

  @Override
  public void scatterAddRows(int width, Storage ids, Storage rows, Storage table) {
    Rows.scatterAdd(kernels.elements(), width, ints(ids), floats(rows), floats(table));
  }

  @Override
  public void gatherAlong(Reduction axis, Storage x, Storage ids, Storage out) {
    Rows.gatherAlong(axis, floats(x), ints(ids), floats(out));
  }

  @Override
  public void scatterAddAlong(Reduction axis, Storage ids, Storage values, Storage target) {
    Rows.scatterAddAlong(axis, ints(ids), floats(values), floats(target));
  }

  @Override
  public void oneHot(int classes, OptionalInt ignored, Storage ids, Storage out) {
    Rows.oneHot(classes, ignored, ints(ids), floats(out));
  }

  // Products

  @Override
  public void matmul(Matmul shape, Storage a, Storage b, Storage c) {
    var left = floats(a);
    var right = floats(b);
    var out = floats(c);
    products.multiply(
        shape, false, left.array, left.offset, right.array, right.offset, out.array, out.offset);
  }

  // Fused operations

  @Override
  public void crossEntropy(
      int classes, Storage logits, Storage targets, Storage probabilities, Storage losses) {
    crossEntropy.forward(
        classes, floats(logits), ints(targets), floats(probabilities), floats(losses));
  }

  @Override
  public void crossEntropyBackward(
      int classes, Storage probabilities, Storage targets, Storage dLosses, Storage dLogits) {
    crossEntropy.backward(
        classes, floats(probabilities), ints(targets), floats(dLosses), floats(dLogits));
  }

  @Override
  public void layerNorm(
      double epsilon, Storage x, Storage weight, Storage bias, Storage y, Storage moments) {
    layerNorm.forward(epsilon, floats(x), floats(weight), floats(bias), floats(y), floats(moments));
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
    layerNorm.backward(
        floats(x),
        floats(weight),
        floats(moments),
        floats(dy),
        CpuStorage.floatsOrNull(dx),
        floats(dWeight),
        floats(dBias));
  }

  @Override
  public int lstmReserve(LstmShape shape) {
    return LstmLayout.of(shape).size();
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
    lstmForward.run(shape, x, weights, initial, y, last, reserve);
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
    lstmBackward.run(shape, weights, initial, reserve, dy, dLast, dx, dInitial, dWeights);
  }

  @Override
  public void lstmStep(
      LstmShape shape, Storage x, List<LstmWeights> weights, LstmState before, LstmState after) {
    var y = pool.floats(shape.batch() * shape.hiddenSize());
    var reserve = pool.floats(lstmReserve(shape));
    try {
      lstmForward.run(shape, x, weights, before, y, after, reserve);
    } finally {
      pool.release(reserve);
      pool.release(y);
    }
  }

  @Override
  public void causalConv1d(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      @Nullable Storage added,
      Storage y) {
    convolution.forward(shape, x, weight, bias, added, y);
  }

  @Override
  public void causalConv1dBackwardInput(
      ConvShape shape, Storage dy, Storage weight, @Nullable Storage added, Storage dx) {
    convolution.backwardInput(shape, dy, weight, added, dx);
  }

  @Override
  public void causalConv1dBackwardWeight(
      ConvShape shape, Storage x, Storage dy, Storage dWeight, @Nullable Storage dBias) {
    convolutionGradients.run(shape, x, dy, dWeight, dBias);
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
    convolution.step(shape, x, weight, bias, ring, position, y);
  }

  @Override
  public void gatedConv1d(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      Storage gates,
      Storage y) {
    gatedConvolution.forward(shape, x, weight, bias, gates, y);
  }

  @Override
  public void gatedConv1dBackward(ConvShape shape, Storage gates, Storage dy, Storage dPre) {
    gatedConvolution.backward(shape, gates, dy, dPre);
  }

  // Optimizers

  @Override
  public void norm(List<Storage> parts, Storage norm) {
    reductions.norm(parts, floats(norm));
  }

  @Override
  public void adam(AdamStep step, List<AdamSlot> slots) {
    updates.adam(step, slots);
  }

  @Override
  public void sgd(SgdStep step, List<SgdSlot> slots) {
    updates.sgd(step, slots);
  }

  @Override
  public void rmsProp(RmsPropStep step, List<RmsPropSlot> slots) {
    updates.rmsProp(step, slots);
  }

  // Recording

  @Override
  public Optional<Recording> record(StepValues first, Runnable work) {
    return Optional.empty();
  }

  @Override
  public void close() {
    team.close();
    pool.clear();
  }
}
