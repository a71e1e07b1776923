package dev.impromptu.proof;

import static dev.impromptu.proof.ForwardProof.function;

import dev.impromptu.functional.Activations;
import dev.impromptu.functional.Softmax;
import dev.impromptu.functional.WeightNorm;
import dev.impromptu.io.HostArray;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.Tolerance.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Activations and other functions. PyTorch's half of each is {@code TorchFunctions}. */
final class FunctionProofs {
  /** Where formulas change, and far out. */
  private static final HostArray EDGES =
      HostArray.of(new float[] {0, 1, -1, 0.5f, -0.5f, 15, -15, 50, -50, 1000, -1000}, 11);

  private static final float NONE = Float.NEGATIVE_INFINITY;

  /** Two rows, in each of which some classes cannot be. */
  static final HostArray MASKED =
      HostArray.of(new float[] {0.5f, NONE, -2, 1, NONE, 3, NONE, NONE}, 2, 4);

  private final List<Proof> proofs = new ArrayList<>();

  private FunctionProofs() {}

  static List<Proof> all() {
    var functions = new FunctionProofs();
    functions.activations();
    functions.others();
    for (int axis : new int[] {0, 1, -1}) {
      functions.softmax("softmax", axis, x -> Softmax.softmax(x, axis));
      functions.softmax("log_softmax", axis, x -> Softmax.logSoftmax(x, axis));
      functions.softmax("logsumexp", axis, x -> Softmax.logSumExp(x, axis));
    }
    functions.masked("softmax", x -> Softmax.softmax(x, -1));
    functions.masked("log_softmax", x -> Softmax.logSoftmax(x, -1));
    functions.masked("logsumexp", x -> Softmax.logSumExp(x, -1));
    return functions.proofs;
  }

  private void activations() {
    activation("relu", Tensor::relu);
    activation("tanh", Tensor::tanh);
    activation("sigmoid", Tensor::sigmoid);
    activation("leaky_relu", x -> Activations.leakyRelu(x, 0.01));
    activation("leaky_relu_of_slope_0.2", x -> Activations.leakyRelu(x, 0.2));
    activation("elu", Activations::elu);
    activation("silu", Activations::silu);
    activation("gelu_tanh", Activations::gelu);
    activation("softplus", Tensor::softplus);
    atEdges("relu", Tensor::relu);
    atEdges("tanh", Tensor::tanh);
    atEdges("sigmoid", Tensor::sigmoid);
    atEdges("leaky_relu", x -> Activations.leakyRelu(x, 0.01));
    atEdges("elu", Activations::elu);
    atEdges("silu", Activations::silu);
    atEdges("gelu_tanh", Activations::gelu);
    atEdges("softplus", Tensor::softplus);
  }

  private void others() {
    activation("exp", Tensor::exp);
    activation("abs", Tensor::abs);
    activation("clamp", x -> x.clamp(-1, 0.5));
    atEdges("abs", Tensor::abs);
    atEdges("clamp", x -> x.clamp(-1, 0.5));
    for (String name : List.of("log", "sqrt", "pow")) {
      UnaryOperator<Tensor> of =
          switch (name) {
            case "log" -> Tensor::log;
            case "sqrt" -> Tensor::sqrt;
            default -> x -> x.pow(1.75);
          };
      proofs.add(
          function(name, Kind.ELEMENTWISE, 1, in -> of.apply(in.get("x"))).with("x", 0.1, 4, 3, 9));
    }
    proofs.add(
        function("maximum", Kind.ELEMENTWISE, 1, in -> in.get("x").maximum(in.get("other")))
            .with("x", -1, 1, 3, 9)
            .with("other", -1, 1, 3, 9));
    proofs.add(
        function(
                "maximum_of_equals",
                Kind.ELEMENTWISE,
                1,
                in -> in.get("x").maximum(in.get("other")))
            .with("x", EDGES, false)
            .with("other", EDGES, false));
    proofs.add(
        function(
                "weight_norm",
                Kind.NORMALISED,
                12,
                in -> WeightNorm.weightNorm(in.get("v"), in.get("g")))
            .with("v", -1, 1.25, 5, 4, 3)
            .with("g", -0.5, 2, 5, 1, 1));
  }

  private void activation(String name, UnaryOperator<Tensor> activation) {
    proofs.add(
        function(name, Kind.ELEMENTWISE, 1, in -> activation.apply(in.get("x")))
            .with("x", -4, 4, 3, 9));
  }

  private void atEdges(String name, UnaryOperator<Tensor> activation) {
    proofs.add(
        function(name + "_at_edges", Kind.ELEMENTWISE, 1, in -> activation.apply(in.get("x")))
            .with("x", EDGES, false));
  }

  private void softmax(String name, int axis, UnaryOperator<Tensor> softmax) {
    proofs.add(
        function(name + "_of_axis_" + axis, Kind.NORMALISED, 9, in -> softmax.apply(in.get("x")))
            .with("x", -20, 20, 4, 3, 9));
  }

  private void masked(String name, UnaryOperator<Tensor> softmax) {
    proofs.add(
        function(name + "_of_masked_classes", Kind.NORMALISED, 4, in -> softmax.apply(in.get("x")))
            .with("x", MASKED, false));
  }
}
