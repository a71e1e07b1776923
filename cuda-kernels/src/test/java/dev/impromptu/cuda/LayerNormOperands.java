package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;

import dev.impromptu.cuda.KernelTrial.Both;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a layer normalisation and its gradients read and write, on the reference and the device. */
final class LayerNormOperands {
  private static final double EPSILON = 1e-5;

  final Both y;
  final Both dWeight;
  final Both dBias;
  private final KernelTrial trial;
  private final LayerNormKernels kernels;
  private final String what;
  private final int rows;
  private final int width;
  private final Both x;
  private final Both weight;
  private final Both bias;
  private final Both dy;
  private final Both moments;
  private final Both dx;

  LayerNormOperands(KernelTrial trial, int rows, int width) {
    this(trial, rows, width, random(rows * width, 1));
  }

  LayerNormOperands(KernelTrial trial, int rows, int width, float[] values) {
    this.trial = trial;
    this.rows = rows;
    this.width = width;
    what = rows + " rows of " + width;
    kernels = new LayerNormKernels(trial.runtime, new ReductionKernels(trial.runtime));
    x = trial.floats(values, 1);
    weight = trial.floats(random(width, 2), 2);
    bias = trial.floats(random(width, 3), 3);
    dy = trial.floats(random(rows * width, 4), 1);
    y = trial.unwritten(rows * width, 3);
    moments = trial.unwritten(3 * rows, 1);
    dx = trial.unwritten(rows * width, 2);
    dWeight = trial.unwritten(width, 1);
    dBias = trial.unwritten(width, 0);
  }

  /** All that is written. */
  List<Both> results() {
    return List.of(y, moments, dx, dWeight, dBias);
  }

  /** Values and gradients, on the device. */
  void run() {
    kernels.forward(
        EPSILON, x.device(), weight.device(), bias.device(), y.device(), moments.device());
    backward(dx.device());
  }

  /** The gradients of the parameters alone. */
  void parametersAlone() {
    backward(null);
  }

  private void backward(@Nullable CudaStorage dx) {
    kernels.backward(
        x.device(),
        weight.device(),
        moments.device(),
        dy.device(),
        dx,
        dWeight.device(),
        dBias.device());
  }

  /** Runs it on both and compares all but the moments, whose two parts the device rounds. */
  void agree() {
    run();
    REFERENCE.layerNorm(
        EPSILON,
        x.reference(),
        weight.reference(),
        bias.reference(),
        y.reference(),
        moments.reference());
    REFERENCE.layerNormBackward(
        x.reference(),
        weight.reference(),
        moments.reference(),
        dy.reference(),
        dx.reference(),
        dWeight.reference(),
        dBias.reference());
    trial.requireEqual(what + ", y", width, y);
    trial.requireEqual(what + ", dx", width, dx);
    trial.requireEqual(what + ", dWeight", rows, dWeight);
    trial.requireEqual(what + ", dBias", rows, dBias);
  }
}
