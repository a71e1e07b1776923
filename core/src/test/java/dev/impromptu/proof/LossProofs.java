package dev.impromptu.proof;

import static dev.impromptu.proof.ForwardProof.function;

import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.CrossEntropyOptions;
import dev.impromptu.functional.Losses;
import dev.impromptu.io.HostArray;
import dev.impromptu.nn.Module;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.Tolerance.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Losses. PyTorch's half of each is {@code TorchLosses}. */
final class LossProofs {
  private static final HostArray TARGETS = HostArray.of(new int[] {3, 0, 8, 3, 5, 1}, 6);
  private static final HostArray SOME_IGNORED = HostArray.of(new int[] {3, -100, 8, 3, -100, 1}, 6);

  private static final HostArray THREES = HostArray.of(new int[] {3, 3, 3, 3, 3, 3}, 6);

  private LossProofs() {}

  static List<Proof> all() {
    List<Proof> proofs = new ArrayList<>();
    proofs.add(logits("cross_entropy", CrossEntropy::crossEntropy, TARGETS));
    proofs.add(logits("cross_entropy_per_row", CrossEntropy::perRow, TARGETS));
    proofs.add(options("cross_entropy_options", o -> o, TARGETS));
    proofs.add(options("cross_entropy_ignoring_-100", o -> o, SOME_IGNORED));
    proofs.add(options("cross_entropy_ignoring_3", o -> o.ignoring(3), TARGETS));
    proofs.add(options("cross_entropy_smoothed", o -> o.smoothing(0.1), TARGETS));
    proofs.add(options("cross_entropy_smoothed_ignoring", o -> o.smoothing(0.3), SOME_IGNORED));
    proofs.add(options("cross_entropy_of_ignored_rows_alone", o -> o.ignoring(3), THREES));
    proofs.add(masked("cross_entropy_of_masked_classes", CrossEntropy::crossEntropy));
    proofs.add(
        masked(
            "cross_entropy_options_of_masked_classes", CrossEntropyOptions.DEFAULTS::crossEntropy));
    proofs.add(weighed("cross_entropy_weighed", o -> o, TARGETS));
    proofs.add(weighed("cross_entropy_weighed_ignoring", o -> o, SOME_IGNORED));
    proofs.add(
        weighed("cross_entropy_weighed_smoothed_ignoring", o -> o.smoothing(0.2), SOME_IGNORED));
    proofs.add(
        function(
                "bce_with_logits",
                Kind.NORMALISED,
                15,
                in -> Losses.binaryCrossEntropy(in.get("x"), in.get("target")))
            .with("x", -12, 12, 3, 5)
            .withConstant("target", 0, 1, 3, 5));
    proofs.add(
        function(
                "mse",
                Kind.NORMALISED,
                15,
                in -> Losses.meanSquaredError(in.get("x"), in.get("target")))
            .with("x", -1, 1, 3, 5)
            .with("target", -1, 1, 3, 5));
    return proofs;
  }

  private interface OfTargets {
    Tensor apply(Tensor logits, Tensor targets);
  }

  private static ForwardProof<Module> logits(String name, OfTargets loss, HostArray targets) {
    return function(name, Kind.NORMALISED, 54, in -> loss.apply(in.get("x"), in.get("targets")))
        .with("x", -8, 8, 6, 9)
        .with("targets", targets, true);
  }

  private static ForwardProof<Module> masked(String name, OfTargets loss) {
    return function(name, Kind.NORMALISED, 8, in -> loss.apply(in.get("x"), in.get("targets")))
        .with("x", FunctionProofs.MASKED, false)
        .with("targets", HostArray.of(new int[] {2, 1}, 2), true);
  }

  private static ForwardProof<Module> options(
      String name, UnaryOperator<CrossEntropyOptions> options, HostArray targets) {
    CrossEntropyOptions chosen = options.apply(CrossEntropyOptions.DEFAULTS);
    return logits(name, chosen::crossEntropy, targets);
  }

  private static ForwardProof<Module> weighed(
      String name, UnaryOperator<CrossEntropyOptions> options, HostArray targets) {
    CrossEntropyOptions chosen = options.apply(CrossEntropyOptions.DEFAULTS);
    return function(
            name,
            Kind.NORMALISED,
            54,
            in -> chosen.weighing(in.get("weights")).crossEntropy(in.get("x"), in.get("targets")))
        .with("x", -8, 8, 6, 9)
        .with("targets", targets, true)
        .withConstant("weights", 0.25, 2, 9);
  }
}
