package dev.impromptu.cuda;

import dev.impromptu.backend.Matmul;
import dev.impromptu.cuda.driver.LaunchShape;
import org.jspecify.annotations.Nullable;

/**
 * The recurrence step by step: the kernels of {@code lstm.cu}, for every chip and shape. The
 * recurrent product is part of the step's kernel, or a product of its own in front of the kernel of
 * the gates.
 */
final class LstmSteps implements LstmRecurrence {
  private static final int STEP_UNITS = 2;
  private static final int BACK_UNITS = 8;

  private final CudaRuntime runtime;
  private final CudaProducts products;
  private final KernelFamily kernels;
  private final boolean ownProduct;

  /**
   * The recurrence of either way.
   *
   * @param ownProduct whether the step's kernel computes the recurrent product itself
   */
  LstmSteps(CudaRuntime runtime, CudaProducts products, boolean ownProduct) {
    this.runtime = runtime;
    this.products = products;
    this.ownProduct = ownProduct;
    kernels = runtime.family("lstm");
  }

  @Override
  public void forward(Forward layer) {
    try (var scratch = new LstmScratch(runtime)) {
      int state = layer.sizes().batch() * layer.sizes().hidden();
      var work = ownProduct ? null : new Work(scratch.floats(4 * state), scratch.floats(state));
      for (int t = 0; t < layer.sizes().time(); t++) {
        var step = new ForwardStep(layer, t);
        if (work == null) {
          step(step);
        } else {
          gates(step, work);
        }
      }
    }
  }

  /**
   * Between a product and the kernel of the gates.
   *
   * @param product the recurrent product
   * @param state what the next step multiplies, in one piece
   */
  private record Work(CudaStorage product, CudaStorage state) {}

  /** The places of one step. */
  private record ForwardStep(Forward layer, int t) {
    boolean last() {
      return t == layer.sizes().time() - 1;
    }

    CudaStorage gates() {
      return from(layer.gates(), 4 * t * layer.sizes().hidden());
    }

    CudaStorage at(CudaStorage sequences, int step) {
      return from(sequences, step * layer.sizes().hidden());
    }

    @Nullable CudaStorage hiddenBefore() {
      return t > 0 ? at(layer.before(), t) : hidden(layer.initial());
    }

    @Nullable CudaStorage cellBefore() {
      return t > 0 ? at(layer.cells(), t - 1) : cell(layer.initial());
    }

    @Nullable CudaStorage first() {
      return t == 0 ? layer.before() : null;
    }

    @Nullable CudaStorage next() {
      return last() ? null : at(layer.before(), t + 1);
    }

    /** How many rows of a state lie between those of two sequences. */
    int stateTime() {
      return t > 0 ? layer.sizes().time() : 1;
    }
  }

  private void step(ForwardStep step) {
    Forward layer = step.layer;
    Sizes sizes = layer.sizes();
    kernels.launch(
        "lstm_step",
        tiles(sizes.batch(), sizes.hidden(), STEP_UNITS),
        null,
        null,
        step.gates(),
        step.hiddenBefore(),
        step.cellBefore(),
        layer.hiddenWeight(),
        layer.inputBias(),
        layer.hiddenBias(),
        step.at(layer.cells(), step.t),
        step.at(layer.out(), step.t),
        step.first(),
        step.next(),
        step.last() ? layer.last().hidden() : null,
        step.last() ? layer.last().cell() : null,
        sizes.batch(),
        sizes.time(),
        step.stateTime(),
        0,
        sizes.hidden());
  }

  private void gates(ForwardStep step, Work work) {
    Forward layer = step.layer;
    Sizes sizes = layer.sizes();
    CudaStorage multiplied = step.t > 0 ? work.state : hidden(layer.initial());
    if (multiplied != null) {
      products.matmul(
          new Matmul(1, sizes.batch(), 4 * sizes.hidden(), sizes.hidden(), false, true),
          multiplied,
          layer.hiddenWeight(),
          work.product);
    }
    kernels.launch(
        "lstm_gates",
        LaunchShape.covering(sizes.batch() * sizes.hidden()),
        step.gates(),
        multiplied == null ? null : work.product,
        step.hiddenBefore(),
        step.cellBefore(),
        layer.inputBias(),
        layer.hiddenBias(),
        step.at(layer.cells(), step.t),
        step.at(layer.out(), step.t),
        step.first(),
        step.next(),
        step.last() ? layer.last().hidden() : null,
        step.last() ? layer.last().cell() : null,
        work.state,
        sizes.batch(),
        sizes.time(),
        step.stateTime(),
        sizes.hidden());
  }

  @Override
  public void backward(Backward layer) {
    Sizes sizes = layer.sizes();
    State dInitial = layer.dInitial();
    try (var scratch = new LstmScratch(runtime)) {
      int state = sizes.batch() * sizes.hidden();
      CudaStorage dCell = dInitial == null ? scratch.floats(state) : dInitial.cell();
      var work = ownProduct ? null : new Work(scratch.floats(state), scratch.floats(4 * state));
      for (int t = sizes.time() - 1; t >= 0; t--) {
        if (work == null) {
          stepBackward(layer, t, dCell);
        } else {
          gatesBackward(layer, t, dCell, work);
        }
      }
    }
    if (dInitial != null) {
      kernels.launch(
          "lstm_initial_gradient",
          tiles(sizes.batch(), sizes.hidden(), BACK_UNITS),
          layer.dGates(),
          layer.hiddenWeight(),
          dInitial.hidden(),
          sizes.batch(),
          sizes.time(),
          sizes.hidden());
    }
  }

  private void stepBackward(Backward layer, int t, CudaStorage dCell) {
    Sizes sizes = layer.sizes();
    boolean last = t == sizes.time() - 1;
    kernels.launch(
        "lstm_step_backward",
        tiles(sizes.batch(), sizes.hidden(), BACK_UNITS),
        last ? null : from(layer.dGates(), 4 * (t + 1) * sizes.hidden()),
        layer.hiddenWeight(),
        from(layer.gates(), 4 * t * sizes.hidden()),
        from(layer.cells(), t * sizes.hidden()),
        t > 0 ? from(layer.cells(), (t - 1) * sizes.hidden()) : cell(layer.initial()),
        layer.dy() == null ? null : from(layer.dy(), t * sizes.hidden()),
        last ? hidden(layer.dLast()) : null,
        last ? cell(layer.dLast()) : dCell,
        dCell,
        from(layer.dGates(), 4 * t * sizes.hidden()),
        sizes.batch(),
        sizes.time(),
        t > 0 ? sizes.time() : 1,
        sizes.hidden());
  }

  private void gatesBackward(Backward layer, int t, CudaStorage dCell, Work work) {
    Sizes sizes = layer.sizes();
    boolean last = t == sizes.time() - 1;
    if (!last) {
      products.matmul(
          new Matmul(1, sizes.batch(), sizes.hidden(), 4 * sizes.hidden(), false, false),
          work.state,
          layer.hiddenWeight(),
          work.product);
    }
    kernels.launch(
        "lstm_gates_backward",
        LaunchShape.covering(sizes.batch() * sizes.hidden()),
        last ? null : work.product,
        from(layer.gates(), 4 * t * sizes.hidden()),
        from(layer.cells(), t * sizes.hidden()),
        t > 0 ? from(layer.cells(), (t - 1) * sizes.hidden()) : cell(layer.initial()),
        layer.dy() == null ? null : from(layer.dy(), t * sizes.hidden()),
        last ? hidden(layer.dLast()) : null,
        last ? cell(layer.dLast()) : dCell,
        dCell,
        from(layer.dGates(), 4 * t * sizes.hidden()),
        t > 0 ? work.state : null,
        sizes.batch(),
        sizes.time(),
        t > 0 ? sizes.time() : 1,
        sizes.hidden());
  }

  /**
   * One step of one layer of a stream, in one launch.
   *
   * @param x {@code [batch, inputs]}
   * @param inputWeight {@code [4 hidden, inputs]}
   * @param after written, in other memory than {@code before}
   */
  void step(
      int batch,
      int inputs,
      int hidden,
      CudaStorage x,
      CudaStorage inputWeight,
      CudaStorage hiddenWeight,
      CudaStorage inputBias,
      CudaStorage hiddenBias,
      State before,
      State after) {
    kernels.launch(
        "lstm_step",
        tiles(batch, hidden, STEP_UNITS),
        x,
        inputWeight,
        null,
        before.hidden(),
        before.cell(),
        hiddenWeight,
        inputBias,
        hiddenBias,
        null,
        null,
        null,
        null,
        after.hidden(),
        after.cell(),
        batch,
        1,
        1,
        inputs,
        hidden);
  }

  private static LaunchShape tiles(int batch, int hidden, int units) {
    return new LaunchShape(
        Math.ceilDiv(batch, LstmPath.STEP_ROWS), Math.ceilDiv(hidden, units), LstmPath.THREADS, 0);
  }

  private static @Nullable CudaStorage hidden(@Nullable State state) {
    return state == null ? null : state.hidden();
  }

  private static @Nullable CudaStorage cell(@Nullable State state) {
    return state == null ? null : state.cell();
  }

  /** All that follows the first of a step's rows: a kernel finds the rest by the stride. */
  private static CudaStorage from(CudaStorage storage, int offset) {
    return storage.slice(offset, storage.length() - offset);
  }
}
