package dev.impromptu.examples.numbered;

import static dev.impromptu.functional.CrossEntropy.crossEntropy;

import dev.impromptu.functional.Mode;
import dev.impromptu.nn.Layer;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Parameter;
import dev.impromptu.nn.Sequential;
import dev.impromptu.optim.AdamW;
import dev.impromptu.optim.CosineDecay;
import dev.impromptu.optim.ParameterGroup;
import dev.impromptu.optim.Schedule;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.List;

/**
 * A layer of your own in a training loop of your own: a highway network (Srivastava et al., 2015)
 * tells two spirals apart; its gates learn at a lower rate than the rest, biases without weight
 * decay.
 *
 * <p>Run it: {@code java -cp "examples/target/impromptu/lib/*:examples/target/impromptu/*"
 * dev.impromptu.examples.numbered.Example09CustomLayer}
 */
public final class Example09CustomLayer {
  private static final int POINTS = 128;

  private Example09CustomLayer() {}

  /** {@code gate * tanh(inner(x)) + (1 - gate) * x} with {@code gate = sigmoid(W x + b)}. */
  static final class Highway implements Layer {
    private final Linear inner;
    private final Parameter gateWeight;
    private final Parameter gateBias;

    Highway(Device device, int width, PhiloxRandom random) {
      inner = new Linear(device, width, width, random);
      gateWeight = Parameter.uniform(device, Shape.of(width, width), 1 / Math.sqrt(width), random);
      // Shut at first, so that a deep stack begins as the identity; the paper's advice.
      gateBias = Parameter.full(device, Shape.of(width), -2);
    }

    /** {@code [..., width] -> [..., width]}. */
    @Override
    public Tensor forward(Tensor x, Mode mode) {
      Tensor gate =
          dev.impromptu.functional.Linear.linear(x, gateWeight.value(), gateBias.value()).sigmoid();
      // gate * h + (1 - gate) * x, with one product less
      return x.plus(gate.times(inner.forward(x).tanh().minus(x)));
    }

    @Override
    public void visit(Visitor visitor) {
      visitor.child("inner", inner);
      visitor.parameter("gate_weight", gateWeight);
      visitor.parameter("gate_bias", gateBias);
    }
  }

  /** Prints how many points between the learned ones are told apart. */
  public static void main(String[] args) {
    System.out.printf("right: %.1f %% of points not seen%n", train(800));
  }

  /** Trains for some steps and returns the share of right answers in percent. */
  static double train(int steps) {
    Device device = Device.best();
    var random = new PhiloxRandom(90);
    var model =
        new Sequential(
            new Linear(device, 2, 32, random),
            new Highway(device, 32, random),
            new Highway(device, 32, random),
            new Highway(device, 32, random),
            new Linear(device, 32, 2, random));
    // The first group that names a parameter has it, so the gates' bias is in the first one.
    var adamW =
        new AdamW(
            model,
            AdamW.Settings.of(1e-2).withWeightDecay(1e-3).withMaxNorm(1),
            new ParameterGroup(name -> name.contains("gate"), 0.5, 0),
            ParameterGroup.withoutDecay(name -> name.endsWith("bias")));
    Schedule schedule = new CosineDecay(1e-2, steps / 20, steps, 0);
    int[] arms = arms();
    for (int step = 0; step < steps; step++) {
      adamW.learningRate(schedule.rate(step, List.of()));
      try (var _ = Scope.open()) {
        Tensor x = Tensor.of(device, Shape.of(2 * POINTS, 2), spirals(0));
        Tensor logits = model.forward(x, Mode.training(0, step));
        Tensor targets = Tensor.ofInts(device, Shape.of(2 * POINTS), arms);
        adamW.step(crossEntropy(logits, targets).backward());
      }
    }
    try (var _ = Scope.inference()) {
      Tensor x = Tensor.of(device, Shape.of(2 * POINTS, 2), spirals(0.5));
      int[] said = model.forward(x, Mode.EVALUATION).argMax().toIntArray();
      int right = 0;
      for (int i = 0; i < said.length; i++) {
        right += said[i] == arms[i] ? 1 : 0;
      }
      return 100.0 * right / said.length;
    }
  }

  /** Points of both arms in turn; {@code shift} 0.5 lies between those of 0. */
  private static float[] spirals(double shift) {
    float[] points = new float[2 * POINTS * 2];
    for (int i = 0; i < 2 * POINTS; i++) {
      double along = (i / 2 + shift) / POINTS;
      double angle = 3 * Math.PI * along + Math.PI * (i % 2);
      points[2 * i] = (float) (2 * along * Math.cos(angle));
      points[2 * i + 1] = (float) (2 * along * Math.sin(angle));
    }
    return points;
  }

  private static int[] arms() {
    int[] arms = new int[2 * POINTS];
    for (int i = 0; i < arms.length; i++) {
      arms[i] = i % 2;
    }
    return arms;
  }
}
