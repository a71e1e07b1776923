package dev.impromptu.examples.numbered;

import dev.impromptu.io.HostArray;
import dev.impromptu.io.Safetensors;
import dev.impromptu.io.Weights;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;

/**
 * A model that PyTorch trained is loaded from its safetensors file and says what it said there. The
 * script that trained it is {@code examples/src/main/python/waveforms.py}.
 *
 * <p>Run it: {@code java -cp "examples/target/impromptu/lib/*:examples/target/impromptu/*"
 * dev.impromptu.examples.numbered.Example08PyTorchWeights}
 */
public final class Example08PyTorchWeights {
  private Example08PyTorchWeights() {}

  /**
   * The Java twin of {@code class Waveforms(nn.Module)}: children of the same names in the same
   * sizes, so its parameters have the names of the {@code state_dict}.
   */
  record Waveforms(LSTM lstm, Linear head) implements Module {
    /** With values that the file replaces. */
    static Waveforms on(Device device) {
      var random = new PhiloxRandom(80);
      return new Waveforms(new LSTM(device, 1, 12, 2, random), new Linear(device, 12, 3, random));
    }

    /** {@code [batch, time, 1] -> [batch, 3]}: sine, square, sawtooth. */
    Tensor forward(Tensor x) {
      return head.forward(lstm.forward(x).y().select(1, -1));
    }

    @Override
    public void visit(Visitor visitor) {
      visitor.child("lstm", lstm);
      visitor.child("head", head);
    }
  }

  /**
   * What both said of the same waves.
   *
   * @param waves how many
   * @param right of them told apart in Java
   * @param furthest the largest difference between the logits of both
   */
  record Compared(int waves, int right, double furthest) {}

  /** Prints the comparison. */
  public static void main(String[] args) throws IOException {
    Compared compared = compare(Device.best());
    System.out.printf(
        "%d of %d waves right; logits differ from PyTorch's by at most %.1e%n",
        compared.right(), compared.waves(), compared.furthest());
  }

  static Compared compare(Device device) throws IOException {
    Waveforms model = Waveforms.on(device);
    // Strict: an entry that is missing, unexpected or of another shape is an error that lists all.
    try (InputStream in = open("waveforms.safetensors")) {
      Weights.load("waveforms.safetensors", in, model);
    }
    // Arrays that are no parameters are read by themselves.
    Map<String, HostArray> said;
    try (InputStream in = open("waveforms-said.safetensors")) {
      said = Safetensors.read("waveforms-said.safetensors", in).arrays();
    }
    if (!(said.get("x") instanceof HostArray.Floats(var sizes, float[] waves)
        && said.get("kind") instanceof HostArray.Ints(_, int[] kinds)
        && said.get("logits") instanceof HostArray.Floats(_, float[] expected))) {
      throw new IOException("waveforms-said.safetensors: expected x, kind and logits");
    }
    try (var _ = Scope.inference()) {
      int[] shape = sizes.stream().mapToInt(Integer::intValue).toArray();
      Tensor logits = model.forward(Tensor.of(device, Shape.of(shape), waves));
      int[] chosen = logits.argMax().toIntArray();
      float[] met = logits.toFloatArray();
      int right = 0;
      double furthest = 0;
      for (int i = 0; i < kinds.length; i++) {
        right += chosen[i] == kinds[i] ? 1 : 0;
      }
      for (int i = 0; i < met.length; i++) {
        furthest = Math.max(furthest, Math.abs(met[i] - expected[i]));
      }
      return new Compared(kinds.length, right, furthest);
    }
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(Example08PyTorchWeights.class.getResourceAsStream(name), name);
  }
}
