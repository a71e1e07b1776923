package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.LstmPath.Chip;
import dev.impromptu.cuda.LstmRecurrence.Sizes;
import dev.impromptu.cuda.LstmRecurrence.State;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The LSTM by the kernels of this module: large products over all steps around the recurrence,
 * which runs as {@link LstmPath} says. The products have the precision of the device, as far as
 * they are products of their own; recurrent kernels compute, and keep every state, in 32 bits.
 */
final class CudaLstm implements LstmOperations {
  private static final int BIAS_COLUMNS = 32;
  private static final int BIAS_THREADS = 1024;

  private final CudaRuntime runtime;
  private final CudaProducts products;
  private final KernelFamily kernels;
  private final PathRule rule;
  private final LstmSteps steps;

  /** Chooses a path for a layer. */
  interface PathRule {
    LstmPath of(int batch, int hidden);
  }

  CudaLstm(CudaRuntime runtime, CudaProducts products) {
    this(runtime, products, rule(Chip.of(runtime.context())));
  }

  private static PathRule rule(Chip chip) {
    return (batch, hidden) -> LstmPath.of(batch, hidden, chip);
  }

  /** As another rule than the chip's says. */
  CudaLstm(CudaRuntime runtime, CudaProducts products, PathRule rule) {
    this.runtime = runtime;
    this.products = products;
    this.rule = rule;
    kernels = runtime.family("lstm");
    if (Chip.of(runtime.context()).capability() >= LstmPath.CLUSTER_CAPABILITY) {
      // Asked for here, so that it is compiled before anything is recorded.
      runtime.family(LstmClusters.FAMILY);
    }
    steps = new LstmSteps(runtime, products, true);
  }

  /** By which rule the recurrence runs on this chip. */
  @Override
  public String description() {
    return LstmPath.rule(Chip.of(runtime.context()));
  }

  /** Where the forward keeps things for the backward. */
  private record Kept(LstmShape shape, CudaStorage reserve) {
    private static final int GATES = 4;

    private static int rows(LstmShape shape) {
      return Math.multiplyExact(shape.batch(), shape.time());
    }

    /** Gates, cells and states before each step; outputs where a layer above reads them. */
    static int size(LstmShape shape) {
      int one = Math.multiplyExact(rows(shape), shape.hiddenSize());
      return Math.multiplyExact(one, (GATES + 3) * shape.layers() - 1);
    }

    private CudaStorage part(int sequences, int wide) {
      int one = rows(shape) * shape.hiddenSize();
      return reserve.slice(sequences * one, wide * one);
    }

    CudaStorage gates(int layer) {
      return part(GATES * layer, GATES);
    }

    CudaStorage cells(int layer) {
      return part(GATES * shape.layers() + layer, 1);
    }

    CudaStorage before(int layer) {
      return part((GATES + 1) * shape.layers() + layer, 1);
    }

    CudaStorage outputs(int layer) {
      return part((GATES + 2) * shape.layers() + layer, 1);
    }

    CudaStorage input(int layer, Storage x) {
      return layer == 0 ? floats(x) : outputs(layer - 1);
    }
  }

  @Override
  public int lstmReserve(LstmShape shape) {
    return Kept.size(shape);
  }

  /** What goes from step to step in layers of this shape. */
  LstmRecurrence recurrence(LstmShape shape) {
    LstmPath path = rule.of(shape.batch(), shape.hiddenSize());
    return switch (path.way()) {
      case CLUSTER -> new LstmClusters(runtime, path);
      case STEP -> steps;
      case PRODUCT -> new LstmSteps(runtime, products, false);
    };
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
    var kept = new Kept(shape, floats(reserve));
    LstmRecurrence recurrence = recurrence(shape);
    int rows = Kept.rows(shape);
    int hidden = shape.hiddenSize();
    for (int layer = 0; layer < shape.layers(); layer++) {
      LstmWeights own = weights.get(layer);
      products.matmul(
          new Matmul(1, rows, 4 * hidden, shape.inputSize(layer), false, true),
          kept.input(layer, x),
          own.inputWeight(),
          kept.gates(layer));
      boolean top = layer == shape.layers() - 1;
      recurrence.forward(
          new LstmRecurrence.Forward(
              Sizes.of(shape),
              floats(own.hiddenWeight()),
              floats(own.inputBias()),
              floats(own.hiddenBias()),
              State.of(initial, shape, layer),
              kept.gates(layer),
              kept.cells(layer),
              kept.before(layer),
              top ? floats(y) : kept.outputs(layer),
              State.ofPresent(last, shape, layer)));
    }
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
    var kept = new Kept(shape, floats(reserve));
    LstmRecurrence recurrence = recurrence(shape);
    int rows = Kept.rows(shape);
    int hidden = shape.hiddenSize();
    try (var scratch = new LstmScratch(runtime)) {
      CudaStorage dGates = scratch.floats(Math.multiplyExact(rows, 4 * hidden));
      // The gradient of a layer's input takes the place of that of its output, which is read
      // before.
      CudaStorage between = shape.layers() > 1 ? scratch.floats(rows * hidden) : null;
      CudaStorage dOut = dy == null ? null : floats(dy);
      for (int layer = shape.layers() - 1; layer >= 0; layer--) {
        LstmWeights own = weights.get(layer);
        recurrence.backward(
            new LstmRecurrence.Backward(
                Sizes.of(shape),
                floats(own.hiddenWeight()),
                State.of(initial, shape, layer),
                kept.gates(layer),
                kept.cells(layer),
                dOut,
                State.of(dLast, shape, layer),
                dGates,
                State.of(dInitial, shape, layer)));
        weightGradients(shape, layer, kept, x, dGates, dWeights.get(layer));
        CudaStorage dInput = layer > 0 ? between : dx == null ? null : floats(dx);
        if (dInput != null) {
          products.matmul(
              new Matmul(1, rows, shape.inputSize(layer), 4 * hidden, false, false),
              dGates,
              own.inputWeight(),
              dInput);
        }
        dOut = dInput;
      }
    }
  }

  private void weightGradients(
      LstmShape shape, int layer, Kept kept, Storage x, CudaStorage dGates, LstmWeights wanted) {
    int rows = Kept.rows(shape);
    int hidden = shape.hiddenSize();
    products.matmul(
        new Matmul(1, 4 * hidden, shape.inputSize(layer), rows, true, false),
        dGates,
        kept.input(layer, x),
        wanted.inputWeight());
    products.matmul(
        new Matmul(1, 4 * hidden, hidden, rows, true, false),
        dGates,
        kept.before(layer),
        wanted.hiddenWeight());
    kernels.launch(
        "lstm_bias_gradient",
        LaunchShape.of(Math.ceilDiv(4 * hidden, BIAS_COLUMNS), BIAS_THREADS),
        dGates,
        floats(wanted.inputBias()),
        floats(wanted.hiddenBias()),
        rows,
        4 * hidden);
  }

  @Override
  public void lstmStep(
      LstmShape shape, Storage x, List<LstmWeights> weights, LstmState before, LstmState after) {
    CudaStorage input = floats(x);
    for (int layer = 0; layer < shape.layers(); layer++) {
      LstmWeights own = weights.get(layer);
      State now = State.ofPresent(after, shape, layer);
      steps.step(
          shape.batch(),
          shape.inputSize(layer),
          shape.hiddenSize(),
          input,
          floats(own.inputWeight()),
          floats(own.hiddenWeight()),
          floats(own.inputBias()),
          floats(own.hiddenBias()),
          State.ofPresent(before, shape, layer),
          now);
      input = now.hidden();
    }
  }
}
