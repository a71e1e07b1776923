package dev.impromptu.testkit;

import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * An operation with sample inputs: described once, used by every generic test.
 *
 * @param name what is tried, with its sizes
 * @param inputs what goes in
 * @param function the operation
 * @param terms length of its longest sum, by which rounding grows
 */
public record OpCase(String name, List<Input> inputs, Function function, int terms) {
  /** The operation under test. */
  @FunctionalInterface
  public interface Function {
    /** Computes the outputs that are compared. */
    List<Tensor> apply(List<Tensor> inputs);
  }

  /** One input. */
  public sealed interface Input {
    /** Its sizes. */
    Shape shape();
  }

  /** Values, differentiated. */
  public record Values(Shape shape, double... values) implements Input {}

  /** Indices, not differentiated. */
  public record Indices(Shape shape, int... values) implements Input {}

  /** Copies the list. */
  public OpCase {
    inputs = List.copyOf(inputs);
  }

  /** Values drawn evenly from {@code [low, high)}, the same at every call. */
  public static Values uniform(double low, double high, int... sizes) {
    Shape shape = Shape.of(sizes);
    var random =
        new PhiloxRandom(shape.hashCode(), Double.hashCode(low) + 31L * Double.hashCode(high));
    double[] values = new double[shape.elements()];
    for (int i = 0; i < values.length; i++) {
      // Rounded to 32 bits, so that every device starts from the same numbers.
      values[i] = (float) (low + (high - low) * random.nextDouble());
    }
    return new Values(shape, values);
  }

  /** Indices drawn from 0 to {@code bound - 1}, the same at every call. */
  public static Indices indices(int bound, int... sizes) {
    Shape shape = Shape.of(sizes);
    var random = new PhiloxRandom(shape.hashCode(), bound);
    int[] values = new int[shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(bound);
    }
    return new Indices(shape, values);
  }

  /** The inputs on a device, values tracked. */
  List<Tensor> inputsOn(Device device) {
    List<Tensor> tensors = new ArrayList<>();
    for (Input input : inputs) {
      tensors.add(
          switch (input) {
            case Values(Shape shape, double[] values) -> Tensor.of(device, shape, values).tracked();
            case Indices(Shape shape, int[] values) -> Tensor.ofInts(device, shape, values);
          });
    }
    return tensors;
  }

  /**
   * A single number that depends on every element of every output: their sum under fixed random
   * weights.
   */
  static Tensor judge(List<Tensor> outputs) {
    Tensor total = null;
    for (Tensor output : outputs) {
      if (output.isTracked()) {
        Values weights = uniform(-1.125, 1, output.shape().sizes());
        Tensor part =
            output.times(Tensor.of(output.device(), output.shape(), weights.values())).sum();
        total = total == null ? part : total.plus(part);
      }
    }
    if (total == null) {
      throw new IllegalArgumentException("OpCase: no output depends on a value that is an input");
    }
    return total;
  }

  @Override
  public String toString() {
    return name;
  }
}
