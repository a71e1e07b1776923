package dev.impromptu.cuda;

import dev.impromptu.cuda.driver.LaunchShape;

/** The recurrence as one launch for all steps: the kernels of {@code lstm_persistent.cu}. */
final class LstmClusters implements LstmRecurrence {
  static final String FAMILY = "lstm_persistent";

  private final KernelFamily kernels;
  private final LstmPath path;

  LstmClusters(CudaRuntime runtime, LstmPath path) {
    kernels = runtime.family(FAMILY);
    this.path = path;
  }

  @Override
  public void forward(Forward layer) {
    Sizes sizes = layer.sizes();
    State initial = layer.initial();
    kernels.launch(
        "lstm_persistent_forward_" + path.rows(),
        shape(sizes, false),
        layer.gates(),
        layer.hiddenWeight(),
        layer.inputBias(),
        layer.hiddenBias(),
        initial == null ? null : initial.hidden(),
        initial == null ? null : initial.cell(),
        layer.cells(),
        layer.before(),
        layer.out(),
        layer.last().hidden(),
        layer.last().cell(),
        sizes.batch(),
        sizes.time(),
        sizes.hidden());
  }

  @Override
  public void backward(Backward layer) {
    Sizes sizes = layer.sizes();
    State initial = layer.initial();
    State dLast = layer.dLast();
    State dInitial = layer.dInitial();
    kernels.launch(
        "lstm_persistent_backward_" + path.rows(),
        shape(sizes, true),
        layer.gates(),
        layer.cells(),
        layer.hiddenWeight(),
        initial == null ? null : initial.cell(),
        layer.dy(),
        dLast == null ? null : dLast.hidden(),
        dLast == null ? null : dLast.cell(),
        layer.dGates(),
        dInitial == null ? null : dInitial.hidden(),
        dInitial == null ? null : dInitial.cell(),
        sizes.batch(),
        sizes.time(),
        sizes.hidden());
  }

  private LaunchShape shape(Sizes sizes, boolean backward) {
    return new LaunchShape(
        LstmPath.CLUSTER * Math.ceilDiv(sizes.batch(), path.rows()),
        1,
        LstmPath.THREADS,
        path.sharedBytes(sizes.hidden(), backward));
  }
}
