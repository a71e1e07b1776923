package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.CudaRecurrence;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.CudnnLstmAlgorithm;
import dev.impromptu.tensor.Device;
import java.util.ArrayList;
import java.util.List;

/** One LSTM layer whose input is as wide as its output, against all that cuDNN has. */
final class LstmTimes {
  private static final List<Integer> BATCHES = List.of(1, 8, 32, 64, 256);

  /** What the targets speak of. */
  private static final LstmShape TARGET = new LstmShape(8, 32, 256, 256, 1);

  private final Chip chip;
  private final Options options;
  private final Report report;
  private final Comparison comparison;

  LstmTimes(Chip chip, Options options, Report report, Comparison comparison) {
    this.chip = chip;
    this.options = options;
    this.report = report;
    this.comparison = comparison;
  }

  void run() {
    report.note(
        "lstm: 'forward' and 'forward+backward' include the products with the input; 'recurrence' is"
            + " what our kernels do between those, up to the gradients of the gates' sums; cuDNN is"
            + " not timed beside it: its CUDNN_SKIP_INPUT adds an input as wide as the hidden state"
            + " to every gate, and it has no call for gates that each have an input of their own");
    report.note(
        "lstm: the recurrence stands under tf32 and bf16 only where each step is a product of its own;"
            + " otherwise it computes in fp32, in the rows with the products too");
    report.note(
        "lstm: cuDNN is timed on our layout, batch before time (BATCH_MAJOR_UNPACKED), not on time"
            + " before batch (SEQ_MAJOR_PACKED)");
    report.note(
        "lstm: our forward always keeps what a backward needs; cuDNN's forward alone does not have"
            + " to, its forward+backward does");
    for (int hidden : options.hidden()) {
      for (int time : options.times()) {
        for (int batch : options.batchesOr(BATCHES)) {
          run(new LstmShape(batch, time, hidden, hidden, 1));
        }
      }
    }
    targets();
  }

  private static String work(LstmShape shape) {
    return "hidden %d, T %d, batch %d".formatted(shape.hiddenSize(), shape.time(), shape.batch());
  }

  private void run(LstmShape shape) {
    long bytes = LstmInputs.bytes(shape);
    List<LstmInputs> inputs = LstmInputs.sets(shape, Inputs.sets(chip.cacheBytes(), bytes));
    List<Comparison.Candidate> candidates = new ArrayList<>();
    for (Precision precision : chip.precisions()) {
      candidates.add(
          new Comparison.Candidate(
              chip.own(),
              precision,
              true,
              () -> new KernelLstm(chip.device(precision), shape, inputs)));
      if (chip instanceof CudaChip cuda
          && (precision == Precision.FP32 || CudaRecurrence.multiplies(cuda.context(), shape))) {
        candidates.add(
            new Comparison.Candidate(
                chip.own(),
                precision,
                true,
                () -> new RecurrenceVariant(chip.device(precision), shape, inputs)));
      }
    }
    if (chip instanceof CudaChip cuda && Cudnn.whyMissing().isEmpty()) {
      for (CudnnLstmAlgorithm algorithm : CudnnLstmAlgorithm.values()) {
        for (Precision precision : List.of(Precision.FP32, Precision.TF32)) {
          candidates.add(
              new Comparison.Candidate(
                  "cuDNN " + algorithm,
                  precision,
                  false,
                  () ->
                      new CudnnLstmVariant(
                          cuda.context(), cuda.cudnn(), shape, precision, algorithm, inputs)));
        }
      }
    }
    Device judge = Judge.of(operations(shape));
    comparison.run(
        new Comparison.Work(
            "lstm",
            work(shape),
            Inputs.stayCached(chip.cacheBytes(), bytes),
            judge.name(),
            () -> {
              try (var right = new KernelLstm(judge, shape, inputs.subList(0, 1))) {
                return right.results();
              }
            }),
        candidates);
  }

  /** Of forward and backward: the products alone. */
  private static double operations(LstmShape shape) {
    double weights = 4.0 * shape.hiddenSize() * (shape.inputSize() + shape.hiddenSize());
    return 3 * 2 * weights * shape.batch() * shape.time();
  }

  private void targets() {
    String work = work(TARGET);
    String sizes = "hidden 256, input 256, T 32, batch 8, fp32, input product included: ";
    report.add(Target.below(sizes + "forward < 60 µs", 60, report, work, "forward"), false);
    report.add(
        Target.below(sizes + "forward+backward < 200 µs", 200, report, work, "forward+backward"),
        false);
    report.add(
        Target.belowOthers(sizes + "forward below cuDNN's best fp32", report, work, "forward"),
        false);
    report.add(
        Target.belowOthers(
            sizes + "forward+backward below cuDNN's best fp32", report, work, "forward+backward"),
        false);
    LstmShape shape = options.quick() ? new LstmShape(2, 3, 32, 32, 1) : TARGET;
    report.add(
        Target.sameBits(
            "two runs of forward+backward have the same bits (%s)".formatted(work(shape)),
            () -> repeats(shape)),
        true);
  }

  private boolean repeats(LstmShape shape) {
    try (var lstm = new KernelLstm(chip.device(Precision.FP32), shape, LstmInputs.sets(shape, 1))) {
      return Result.sameBits(lstm.results(), lstm.results());
    }
  }
}
