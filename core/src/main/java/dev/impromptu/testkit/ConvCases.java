package dev.impromptu.testkit;

import static dev.impromptu.testkit.OpCase.uniform;

import dev.impromptu.functional.CausalConv1d;
import dev.impromptu.functional.ConvRing;
import dev.impromptu.functional.GatedConv1d;
import dev.impromptu.functional.ResidualConv1d;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The convolution's sample inputs. */
final class ConvCases {
  /** Sizes of one case; {@code channels} of the output, for the gated one after the gate. */
  private record Size(int batch, int time, int in, int channels, int kernel, int dilation) {
    @Override
    public String toString() {
      return "batch %d, time %d, channels %d to %d, kernel %d, dilation %d"
          .formatted(batch, time, in, channels, kernel, dilation);
    }

    /** The longest sum behind an element of the output or of a gradient. */
    int terms() {
      return Math.max(Math.max(in, 2 * channels) * kernel, batch * time);
    }

    OpCase.Input[] inputs(int out, boolean bias) {
      var x = uniform(-1, 1, batch, time, in);
      double bound = 1.5 / Math.sqrt(in * kernel);
      var weight = uniform(-bound, bound, out, in, kernel);
      return bias
          ? new OpCase.Input[] {x, weight, uniform(-0.5, 0.5, out)}
          : new OpCase.Input[] {x, weight};
    }
  }

  private static final List<Size> SIZES =
      List.of(
          new Size(1, 1, 1, 1, 1, 1),
          new Size(1, 1, 7, 8, 2, 1),
          new Size(9, 2, 8, 7, 1, 1),
          new Size(1, 2, 1, 9, 3, 1),
          new Size(2, 32, 9, 1, 2, 1),
          new Size(7, 2, 33, 8, 2, 2),
          new Size(1, 32, 7, 33, 2, 4),
          new Size(3, 9, 8, 9, 3, 4),
          new Size(2, 7, 9, 7, 2, 8),
          new Size(1, 33, 2, 3, 3, 8),
          new Size(2, 70, 3, 2, 2, 1),
          new Size(1, 9, 2, 35, 4, 2),
          new Size(2, 3, 67, 2, 1, 1));

  private ConvCases() {}

  static void differentiable(List<OpCase> cases) {
    for (Size size : SIZES) {
      for (boolean bias : new boolean[] {true, false}) {
        String sizes = " " + size + (bias ? "" : ", no bias");
        cases.add(
            new OpCase(
                "causalConv1d" + sizes,
                List.of(size.inputs(size.channels, bias)),
                in -> List.of(convolved(in, size)),
                size.terms()));
        cases.add(
            new OpCase(
                "gatedConv1d" + sizes,
                List.of(size.inputs(2 * size.channels, bias)),
                in -> List.of(gated(in, size)),
                size.terms()));
      }
    }
    for (Size size : SIZES) {
      OpCase.Input residual = uniform(-1, 1, size.batch, size.time, size.channels);
      for (boolean bias : new boolean[] {true, false}) {
        cases.add(
            new OpCase(
                "residualConv1d " + size + (bias ? "" : ", no bias"),
                Stream.concat(Stream.of(size.inputs(size.channels, bias)), Stream.of(residual))
                    .toList(),
                in -> List.of(added(in.subList(0, in.size() - 1), in.getLast(), size)),
                size.terms()));
      }
      // What the one gives of the input's gradient is what the other begins with, since the input
      // was computed: the gradient of a leaf is not handed on.
      cases.add(
          new OpCase(
              "residualConv1d and causalConv1d of one input " + size,
              List.of(size.inputs(size.channels, true)),
              in -> {
                List<Tensor> computed = List.of(in.getFirst().times(1), in.get(1), in.get(2));
                return List.of(added(computed, convolved(computed, size), size));
              },
              2 * size.terms()));
    }
    // Constants have no gradient, and a backend is not asked for any.
    var size = new Size(2, 9, 7, 8, 2, 2);
    OpCase.Input[] all = size.inputs(size.channels, true);
    for (int i = 0; i < all.length; i++) {
      int learned = i;
      cases.add(
          new OpCase(
              "causalConv1d, only input " + i + " learned",
              List.of(all[i]),
              in -> List.of(convolved(withConstants(in.getFirst(), learned, all), size)),
              size.terms()));
    }
  }

  private static List<Tensor> withConstants(Tensor learned, int index, OpCase.Input[] all) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < all.length; i++) {
      double[] values = ((OpCase.Values) all[i]).values();
      tensors.add(i == index ? learned : Tensor.of(learned.device(), all[i].shape(), values));
    }
    return tensors;
  }

  static void withoutGradient(List<OpCase> cases) {
    for (Size size : SIZES) {
      for (boolean bias : new boolean[] {true, false}) {
        cases.add(
            new OpCase(
                "causalConv1dStep " + size + (bias ? "" : ", no bias"),
                List.of(size.inputs(size.channels, bias)),
                in -> steps(in.stream().map(Tensor::detach).toList(), size),
                size.terms()));
      }
    }
  }

  /** The outputs of all steps, one after another. */
  private static List<Tensor> steps(List<Tensor> in, Size size) {
    Tensor x = in.getFirst();
    var ring = new ConvRing(x.device(), size.batch, size.in, size.kernel, size.dilation);
    List<Tensor> outputs = new ArrayList<>();
    for (int t = 0; t < size.time; t++) {
      Tensor now = x.select(1, t);
      outputs.add(in.size() > 2 ? ring.step(now, in.get(1), in.get(2)) : ring.step(now, in.get(1)));
    }
    return outputs;
  }

  private static Tensor convolved(List<Tensor> in, Size size) {
    return in.size() > 2
        ? CausalConv1d.causalConv1d(in.get(0), in.get(1), in.get(2), size.dilation)
        : CausalConv1d.causalConv1d(in.get(0), in.get(1), size.dilation);
  }

  private static Tensor added(List<Tensor> in, Tensor residual, Size size) {
    return in.size() > 2
        ? ResidualConv1d.residualConv1d(in.get(0), in.get(1), in.get(2), residual, size.dilation)
        : ResidualConv1d.residualConv1d(in.get(0), in.get(1), residual, size.dilation);
  }

  private static Tensor gated(List<Tensor> in, Size size) {
    return in.size() > 2
        ? GatedConv1d.gatedConv1d(in.get(0), in.get(1), in.get(2), size.dilation)
        : GatedConv1d.gatedConv1d(in.get(0), in.get(1), size.dilation);
  }
}
