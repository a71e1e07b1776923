package dev.impromptu.benchmarks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam as DJL offers it: one native call for each array, which also clears the gradient. PyTorch's
 * fused Adam is not among the functions that DJL can call.
 */
final class AdamUpdate {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final float EPSILON = 1e-8f;

  private final List<NDArray> weights;
  private final List<NDArray> means = new ArrayList<>();
  private final List<NDArray> variances = new ArrayList<>();
  private final double learningRate;
  private int steps;

  AdamUpdate(NDManager manager, Weights weights, double learningRate) {
    this.weights = List.copyOf(weights.all());
    this.learningRate = learningRate;
    for (NDArray weight : this.weights) {
      means.add(manager.zeros(weight.getShape()));
      variances.add(manager.zeros(weight.getShape()));
    }
  }

  void step(NDManager manager) {
    steps++;
    double corrected =
        learningRate * Math.sqrt(1 - Math.pow(BETA2, steps)) / (1 - Math.pow(BETA1, steps));
    for (int i = 0; i < weights.size(); i++) {
      NDArray weight = weights.get(i);
      NDArray gradient = weight.getGradient();
      gradient.attach(manager);
      weight
          .getNDArrayInternal()
          .adamUpdate(
              new NDList(weight, gradient, means.get(i), variances.get(i)),
              new NDList(weight),
              (float) learningRate,
              (float) corrected,
              0,
              1,
              -1,
              (float) BETA1,
              (float) BETA2,
              EPSILON,
              true,
              false);
    }
  }
}
