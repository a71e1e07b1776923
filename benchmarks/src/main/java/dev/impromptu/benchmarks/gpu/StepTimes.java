package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.Precision;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.tensor.Device;
import java.util.List;
import java.util.Locale;

/** The original's training step, beside PyTorch's where python3 has it. */
final class StepTimes {
  private static final List<Integer> BATCHES = List.of(8, 64, 256);
  private static final int BIT_STEPS = 20;

  private final Chip chip;
  private final Options options;
  private final Report report;
  private final Comparison comparison;

  StepTimes(Chip chip, Options options, Report report, Comparison comparison) {
    this.chip = chip;
    this.options = options;
    this.report = report;
    this.comparison = comparison;
  }

  void run() {
    report.note(
        "step: forward, loss, backward and Adam on a batch that lies on the device; nothing is read"
            + " back in between, in PyTorch likewise");
    report.note(
        "step: checked are the gradients of the first step, how far each parameter moved in three"
            + " (weighed by its gradient), and the losses before and after; of PyTorch the loss before"
            + " alone");
    report.note(
        "step: products that go to cuBLAS have the precision of the row; convolutions, small products"
            + " and most recurrences compute in fp32");
    var torch = new TorchSteps(options, report);
    for (StepModel model : StepModel.values()) {
      for (int batch : options.batchesOr(BATCHES)) {
        run(model, batch, torch);
      }
    }
    targets();
  }

  private static String work(StepModel model, int batch) {
    return model.name().toLowerCase(Locale.ROOT) + " composer, batch " + batch;
  }

  private void run(StepModel model, int batch, TorchSteps torch) {
    WindowBatch windows = StepModel.windows(batch, options.quick());
    List<Comparison.Candidate> candidates =
        chip.precisions().stream()
            .map(
                precision ->
                    new Comparison.Candidate(
                        chip.own(),
                        precision,
                        true,
                        () -> variant(chip.device(precision), model, windows)))
            .toList();
    boolean done =
        comparison.run(
            new Comparison.Work(
                "step",
                work(model, batch),
                false,
                "cpu",
                () -> {
                  try (var cpu = variant(Device.cpu(), model, windows)) {
                    return cpu.results();
                  }
                }),
            candidates);
    if (done) {
      torch.run(model, windows, work(model, batch), "training step");
    }
  }

  private StepVariant variant(Device device, StepModel model, WindowBatch windows) {
    return new StepVariant(device, model.on(device, options.quick()), windows);
  }

  private void targets() {
    report.add(
        Target.below(
            "LSTM composer's training step, batch 8, fp32 < 500 µs",
            500,
            report,
            work(StepModel.LSTM, 8),
            "training step"),
        false);
    int steps = options.quick() ? 2 : BIT_STEPS;
    for (StepModel model : StepModel.values()) {
      WindowBatch windows = StepModel.windows(options.quick() ? 2 : 8, options.quick());
      report.add(
          Target.sameBits(
              "%d training steps twice have the same bits (%s)"
                  .formatted(steps, work(model, windows.size())),
              () -> Result.sameBits(bits(model, windows, steps), bits(model, windows, steps))),
          true);
    }
  }

  private List<Result> bits(StepModel model, WindowBatch windows, int steps) {
    try (var variant = variant(chip.device(Precision.FP32), model, windows)) {
      return variant.afterSteps(steps);
    }
  }
}
