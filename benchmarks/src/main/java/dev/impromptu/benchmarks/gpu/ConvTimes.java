package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.tensor.Device;
import java.util.ArrayList;
import java.util.List;

/** The causal dilated convolution against all that cuDNN has. */
final class ConvTimes {
  private static final List<Integer> BATCHES = List.of(8, 64, 256);

  /** The original's layers, and wider ones over longer sequences. */
  private static final List<Sizes> SIZES =
      List.of(
          new Sizes(32, 32, 64, 2, 1),
          new Sizes(32, 32, 64, 2, 8),
          new Sizes(32, 32, 256, 1, 1),
          new Sizes(128, 128, 256, 2, 4),
          new Sizes(512, 64, 128, 3, 64));

  private static final List<Sizes> QUICK = List.of(new Sizes(5, 3, 4, 2, 2));

  private final Chip chip;
  private final Options options;
  private final Report report;
  private final Comparison comparison;

  private record Sizes(int time, int in, int out, int kernel, int dilation) {}

  ConvTimes(Chip chip, Options options, Report report, Comparison comparison) {
    this.chip = chip;
    this.options = options;
    this.report = report;
    this.comparison = comparison;
  }

  void run() {
    report.note(
        "conv: bias and its gradient included; cuDNN is given channels before time with zeros in"
            + " front, and bringing ours into that layout is not timed");
    report.note(
        "conv: our kernels compute in fp32 whatever the device's precision, so they stand under fp32"
            + " alone");
    report.note(
        "conv: cuDNN is timed with channels before time (NCHW) and a call of its own for the bias;"
            + " not with channels last (NHWC), nor with the call that adds a bias while it computes"
            + " (cudnnConvolutionBiasActivationForward)");
    report.note("conv: cuDNN has no gated convolution, so the gated rows stand alone");
    for (Sizes sizes : options.quick() ? QUICK : SIZES) {
      for (int batch : options.batchesOr(BATCHES)) {
        run(new ConvShape(batch, sizes.time, sizes.in, sizes.out, sizes.kernel, sizes.dilation));
      }
    }
  }

  private void run(ConvShape shape) {
    long bytes = ConvInputs.bytes(shape);
    List<ConvInputs> inputs = ConvInputs.sets(shape, Inputs.sets(chip.cacheBytes(), bytes));
    List<Comparison.Candidate> candidates = new ArrayList<>();
    candidates.add(
        new Comparison.Candidate(
            chip.own(),
            Precision.FP32,
            true,
            () -> new KernelConv(chip.device(Precision.FP32), shape, inputs)));
    if (chip instanceof CudaChip cuda && Cudnn.whyMissing().isEmpty()) {
      addCudnn(candidates, cuda, shape, inputs);
    }
    Device judge = Judge.of(operations(shape));
    comparison.run(
        new Comparison.Work(
            "conv",
            "%d → %d, kernel %d, dilation %d, T %d, batch %d"
                .formatted(
                    shape.inChannels(),
                    shape.outChannels(),
                    shape.kernel(),
                    shape.dilation(),
                    shape.time(),
                    shape.batch()),
            Inputs.stayCached(chip.cacheBytes(), bytes),
            judge.name(),
            () -> {
              try (var right = new KernelConv(judge, shape, inputs.subList(0, 1))) {
                return right.results();
              }
            }),
        candidates);
  }

  private static void addCudnn(
      List<Comparison.Candidate> candidates,
      CudaChip cuda,
      ConvShape shape,
      List<ConvInputs> inputs) {
    for (CudnnConvVariant.Direction direction : CudnnConvVariant.Direction.values()) {
      for (int i = 0; i < direction.algorithms(); i++) {
        int algorithm = i;
        for (Precision precision : List.of(Precision.FP32, Precision.TF32)) {
          candidates.add(
              new Comparison.Candidate(
                  "cuDNN %s algorithm %d".formatted(direction.taskName(), algorithm),
                  precision,
                  false,
                  () ->
                      new CudnnConvVariant(
                          cuda.context(),
                          cuda.cudnn(),
                          shape,
                          precision,
                          direction,
                          algorithm,
                          inputs)));
        }
      }
    }
  }

  /** Of all that is checked: forward and both backwards, twice. */
  private static double operations(ConvShape shape) {
    double weights = (double) shape.inChannels() * shape.outChannels() * shape.kernel();
    return 2 * 3 * 2 * weights * shape.batch() * shape.time();
  }
}
