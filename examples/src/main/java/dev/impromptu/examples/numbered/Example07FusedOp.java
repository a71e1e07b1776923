package dev.impromptu.examples.numbered;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.UnaryOp;
import dev.impromptu.functional.Losses;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.GradientCheck;
import dev.impromptu.testkit.OpCase;
import dev.impromptu.testkit.ParityCheck;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An operation of your own with its gradient, proven by the public test kit: the loss {@code log
 * cosh(prediction - target)}, which a few wild targets do not pull away as they pull the mean
 * squared error.
 *
 * <p>Run it: {@code java -cp "examples/target/impromptu/lib/*:examples/target/impromptu/*"
 * dev.impromptu.examples.numbered.Example07FusedOp}
 */
public final class Example07FusedOp {
  private Example07FusedOp() {}

  /**
   * {@code log cosh(prediction - target)} of each element. Made of tensor operations it would keep
   * six arrays for its backward; this keeps one.
   */
  record LogCosh() implements DifferentiableOp {
    /** The mean, a scalar. */
    static Tensor logCosh(Tensor prediction, Tensor target) {
      return Tape.run(new LogCosh(), prediction, target).mean();
    }

    @Override
    public String name() {
      return "logCosh";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor prediction = inputs.get(0);
      Tensor target = inputs.get(1);
      if (!prediction.shape().equals(target.shape())) {
        throw new IllegalArgumentException(
            "logCosh: prediction %s and target %s must have the same shape"
                .formatted(prediction.shape(), target.shape()));
      }
      // Of detached tensors nothing is recorded: the tape keeps this operation as one.
      Tensor off = prediction.detach().minus(target.detach());
      Tensor y = Tensor.empty(off.device(), off.shape());
      // The backend writes where it is told, over its input too: |d| + log(1 + e^(-2 |d|)) - log 2,
      // which does not overflow as cosh does.
      Backend backend = off.device().backend();
      backend.unary(UnaryOp.ABS, off.storage(), y.storage());
      try (Tensor rest = y.times(-2)) {
        backend.unary(UnaryOp.SOFTPLUS, rest.storage(), rest.storage());
        backend.affine(1, -Math.log(2), y.storage(), y.storage());
        return Forward.of(y.plus(rest), off);
      } finally {
        y.close();
      }
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Tensor slope = context.saved(0).tanh().times(context.outputGradient());
      return Arrays.asList(slope, context.wants(1) ? slope.negate() : null);
    }
  }

  /** What the test kit tries: sizes that are awkward for vectors, large values among them. */
  static List<OpCase> cases() {
    OpCase.Function function = in -> List.of(Tape.run(new LogCosh(), in.get(0), in.get(1)));
    return List.of(
        new OpCase(
            "logCosh [3, 7]",
            List.of(OpCase.uniform(-2, 2, 3, 7), OpCase.uniform(-1, 3, 3, 7)),
            function,
            1),
        new OpCase(
            "logCosh, far off",
            List.of(OpCase.uniform(-200, 200, 33), OpCase.uniform(-1, 1, 33)),
            function,
            1));
  }

  /** Proves the operation, then fits a line with it. */
  public static void main(String[] args) {
    prove(Device.best());
    System.out.println("gradients and values agree with the reference");
    System.out.printf(
        "slope (truly 2): %.2f by log cosh, %.2f by the mean squared error%n",
        slope(LogCosh::logCosh), slope(Losses::meanSquaredError));
  }

  /**
   * Compares the backward with central differences, and the device with the reference.
   *
   * @throws AssertionError naming the element that is off
   */
  static void prove(Device device) {
    for (OpCase each : cases()) {
      GradientCheck.check(each);
      ParityCheck.check(each, device);
    }
  }

  /** The slope of a line through points of which every eighth is wrong. */
  static double slope(BinaryOperator<Tensor> loss) {
    Device device = Device.best();
    float[] x = new float[64];
    float[] y = new float[64];
    for (int i = 0; i < x.length; i++) {
      x[i] = i / 32f - 1;
      y[i] = i % 8 == 7 ? -20 * x[i] : 2 * x[i] + 0.5f;
    }
    var line = new Linear(device, 1, 1, new PhiloxRandom(70));
    var adam = new Adam(line, 0.05);
    for (int step = 0; step < 300; step++) {
      try (var _ = Scope.open()) {
        Tensor predicted = line.forward(Tensor.of(device, Shape.of(64, 1), x));
        adam.step(loss.apply(predicted, Tensor.of(device, Shape.of(64, 1), y)).backward());
      }
    }
    return Objects.requireNonNull(Module.parameters(line).get("weight")).value().item();
  }
}
