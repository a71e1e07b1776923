package dev.impromptu.cuda;

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
import dev.impromptu.cuda.driver.DriverContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * An NVIDIA graphics card. Each family of operations has a class and a {@code .cu} file of its own;
 * this one tells them apart. Work is only handed to the device here: reading waits for it, and
 * reports what went wrong before.
 */
final class CudaBackend implements Backend {
  static final String NAME = "cuda";

  private final CudaRuntime runtime;
  private final DriverContext context;
  private final CudaLibraries libraries;
  private final CudaMemory memory;
  private final ElementwiseKernels elementwise;
  private final ReductionKernels reductions;
  private final RowKernels rows;
  private final CrossEntropyKernels crossEntropy;
  private final LayerNormKernels layerNorm;
  private final DropoutKernels dropout;
  private final AdamKernels adam;
  private final OptimizerKernels optimizers;
  private final CudaProducts products;
  private final LstmOperations lstm;
  private final ConvKernels convKernels;
  private final ConvOperations conv;

  /** Takes over the runtime and closes it. */
  CudaBackend(CudaRuntime runtime, int driverVersion) {
    this.runtime = runtime;
    context = runtime.context();
    libraries = CudaLibraries.open(runtime, driverVersion);
    memory = new CudaMemory(runtime);
    elementwise = new ElementwiseKernels(runtime);
    reductions = new ReductionKernels(runtime);
    rows = new RowKernels(runtime);
    crossEntropy = new CrossEntropyKernels(runtime);
    layerNorm = new LayerNormKernels(runtime, reductions);
    dropout = new DropoutKernels(runtime);
    adam = new AdamKernels(runtime);
    optimizers = new OptimizerKernels(runtime);
    products = new CudaProducts(runtime, libraries.cublas());
    lstm =
        libraries
            .cudnnForLstm()
            .<LstmOperations>map(cudnn -> new CudnnLstmOperations(runtime, cudnn))
            .orElseGet(() -> new CudaLstm(runtime, products));
    convKernels = new ConvKernels(runtime);
    conv =
        libraries
            .cudnnForConv()
            .<ConvOperations>map(cudnn -> new CudnnConvOperations(runtime, cudnn, elementwise))
            .orElse(convKernels);
  }

  /** The benchmarks time parts of it. */
  LstmOperations lstm() {
    return lstm;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> description() {
    List<String> lines = new ArrayList<>(libraries.description());
    lines.add("lstm: " + lstm.description());
    lines.add("convolution: " + conv.description());
    return List.copyOf(lines);
  }

  // Memory

  @Override
  public Storage allocate(DType type, int length) {
    return memory.allocate(type, length);
  }

  @Override
  public void release(Storage storage) {
    memory.release(storage);
  }

  @Override
  public void write(float[] source, Storage target) {
    memory.write(source, target);
  }

  @Override
  public void write(double[] source, Storage target) {
    memory.write(source, target);
  }

  @Override
  public void write(int[] source, Storage target) {
    memory.write(source, target);
  }

  @Override
  public void read(Storage source, float[] target) {
    memory.read(source, target);
  }

  @Override
  public void read(Storage source, double[] target) {
    memory.read(source, target);
  }

  @Override
  public void read(Storage source, int[] target) {
    memory.read(source, target);
  }

  @Override
  public void fill(Storage target, double value) {
    elementwise.fill(target, value);
  }

  @Override
  public void copy(BlockCopy blocks, Storage source, Storage target) {
    elementwise.copy(blocks, source, target);
  }

  @Override
  public void permute(int[] shape, int[] order, Storage source, Storage target) {
    elementwise.permute(shape, order, source, target);
  }

  // Elementwise

  @Override
  public void unary(UnaryOp op, Storage x, Storage y) {
    elementwise.unary(op, x, y);
  }

  @Override
  public void unaryBackward(UnaryOp op, Storage x, Storage y, Storage dy, Storage dx) {
    elementwise.unaryBackward(op, x, y, dy, dx);
  }

  @Override
  public void affine(double scale, double shift, Storage x, Storage y) {
    elementwise.affine(scale, shift, x, y);
  }

  @Override
  public void binary(BinaryOp op, Broadcast broadcast, Storage left, Storage right, Storage out) {
    elementwise.binary(op, broadcast, left, right, out);
  }

  @Override
  public void dropout(double rate, PhiloxKey key, Storage x, Storage y) {
    // No other thread's step may come between.
    synchronized (context) {
      runtime.stepBlock().randomStep(key.step());
      dropout.dropout(rate, key, x, y);
    }
  }

  // Reductions and indices

  @Override
  public void reduce(ReduceOp op, Reduction reduction, Storage x, Storage y) {
    reductions.reduce(op, reduction, x, y);
  }

  @Override
  public void argMax(int columns, Storage x, Storage indices) {
    reductions.argMax(columns, x, indices);
  }

  @Override
  public void gatherRows(int width, Storage table, Storage ids, Storage out) {
    rows.gatherRows(width, table, ids, out);
  }

  @Override
  public void scatterAddRows(int width, Storage ids, Storage values, Storage table) {
    rows.scatterAddRows(width, ids, values, table);
  }

  @Override
  public void gatherAlong(Reduction axis, Storage x, Storage ids, Storage out) {
    rows.gatherAlong(axis, x, ids, out);
  }

  @Override
  public void scatterAddAlong(Reduction axis, Storage ids, Storage values, Storage target) {
    rows.scatterAddAlong(axis, ids, values, target);
  }

  @Override
  public void oneHot(int classes, OptionalInt ignored, Storage ids, Storage out) {
    rows.oneHot(classes, ignored, ids, out);
  }

  // Products

  @Override
  public void matmul(Matmul shape, Storage a, Storage b, Storage c) {
    products.matmul(shape, a, b, c);
  }

  // Fused operations

  @Override
  public void crossEntropy(
      int classes, Storage logits, Storage targets, Storage probabilities, Storage losses) {
    crossEntropy.crossEntropy(classes, logits, targets, probabilities, losses);
  }

  @Override
  public void crossEntropyBackward(
      int classes, Storage probabilities, Storage targets, Storage dLosses, Storage dLogits) {
    crossEntropy.crossEntropyBackward(classes, probabilities, targets, dLosses, dLogits);
  }

  @Override
  public void layerNorm(
      double epsilon, Storage x, Storage weight, Storage bias, Storage y, Storage moments) {
    layerNorm.forward(epsilon, x, weight, bias, y, moments);
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
    layerNorm.backward(x, weight, moments, dy, dx, dWeight, dBias);
  }

  @Override
  public int lstmReserve(LstmShape shape) {
    return lstm.lstmReserve(shape);
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
    lstm.lstmForward(shape, x, weights, initial, y, last, reserve);
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
    lstm.lstmBackward(shape, x, weights, initial, reserve, dy, dLast, dx, dInitial, dWeights);
  }

  @Override
  public void lstmStep(
      LstmShape shape, Storage x, List<LstmWeights> weights, LstmState before, LstmState after) {
    lstm.lstmStep(shape, x, weights, before, after);
  }

  @Override
  public void causalConv1d(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      @Nullable Storage added,
      Storage y) {
    conv.forward(shape, x, weight, bias, added, y);
  }

  @Override
  public void causalConv1dBackwardInput(
      ConvShape shape, Storage dy, Storage weight, @Nullable Storage added, Storage dx) {
    conv.backwardInput(shape, dy, weight, added, dx);
  }

  @Override
  public void causalConv1dBackwardWeight(
      ConvShape shape, Storage x, Storage dy, Storage dWeight, @Nullable Storage dBias) {
    conv.backwardWeight(shape, x, dy, dWeight, dBias);
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
    convKernels.step(shape, x, weight, bias, ring, position, y);
  }

  @Override
  public void gatedConv1d(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      Storage gates,
      Storage y) {
    conv.gated(shape, x, weight, bias, gates, y);
  }

  @Override
  public void gatedConv1dBackward(ConvShape shape, Storage gates, Storage dy, Storage dPre) {
    convKernels.gatedBackward(shape, gates, dy, dPre);
  }

  // Optimizers

  @Override
  public void norm(List<Storage> parts, Storage norm) {
    adam.norm(parts, norm);
  }

  @Override
  public void adam(AdamStep step, List<AdamSlot> slots) {
    synchronized (context) {
      runtime.stepBlock().optimizerStep(step);
      adam.adam(step, slots);
    }
  }

  @Override
  public void sgd(SgdStep step, List<SgdSlot> slots) {
    synchronized (context) {
      runtime.stepBlock().optimizerStep(step);
      optimizers.sgd(step, slots);
    }
  }

  @Override
  public void rmsProp(RmsPropStep step, List<RmsPropSlot> slots) {
    synchronized (context) {
      runtime.stepBlock().optimizerStep(step);
      optimizers.rmsProp(step, slots);
    }
  }

  // Recording

  @Override
  public Optional<Recording> record(StepValues first, Runnable work) {
    return Optional.of(CudaGraph.record(runtime, first, work));
  }

  @Override
  public void close() {
    synchronized (context) {
      context.requireNotRecording("closing", "close the device after the work was recorded");
      // What was prepared with a library before it, and that before the context; all when nothing
      // works with it any more.
      try (runtime;
          libraries;
          lstm;
          conv) {
        if (context.isUsable()) {
          context.synchronize();
        }
      }
    }
  }
}
