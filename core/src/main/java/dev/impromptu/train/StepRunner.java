package dev.impromptu.train;

import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.Recording;
import dev.impromptu.backend.StepValues;
import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.Mode;
import dev.impromptu.optim.Optimizer;
import dev.impromptu.tensor.GradientSum;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs training steps. Where the device can, the second step of some shapes is recorded and the
 * following ones are replayed, which gives the same bits, for the first {@value #MOST_RECORDED}
 * shapes that come again; every other step is told to the device operation by operation, and all
 * are once there is too little memory for what is recorded. Opened and closed on the training
 * thread, inside whose innermost scope it stays.
 */
final class StepRunner<B> implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(StepRunner.class.getName());

  /** Each holds the memory of a step. */
  private static final int MOST_RECORDED = 8;

  private final Objective<B> objective;
  private final Optimizer optimizer;
  private final long seed;
  private final Scope scope = Scope.open();
  private final Set<List<Shape>> warm = new HashSet<>();
  private boolean refused;
  private final List<Recorded> recorded = new ArrayList<>();

  StepRunner(Objective<B> objective, Optimizer optimizer, long seed) {
    this.objective = objective;
    this.optimizer = optimizer;
    this.seed = seed;
  }

  /** How a step went. */
  record Result(double loss, int correct, int total) {}

  /** The recorded step and the memory that it reads from and writes to. */
  private record Recorded(
      Recording recording,
      List<Shape> shapes,
      List<Tensor> inputs,
      RecordableObjective.Judged results) {}

  /** Runs a step on one batch. */
  Result run(B batch) {
    // While a step is recorded or replayed there is nothing for an observer to see.
    boolean mayRecord = !refused && !Scope.isObserved();
    if (objective instanceof RecordableObjective<B> recordable && mayRecord) {
      List<HostTensor> inputs = recordable.inputs(batch);
      // What a device prepares at the first use of some shapes cannot be prepared while it records.
      if (!warm.add(shapes(inputs))) {
        Optional<Recorded> step = recorded(recordable, inputs);
        if (step.isPresent()) {
          return replay(recordable, step.get(), batch, inputs);
        }
      }
    }
    return direct(batch);
  }

  private Result direct(B batch) {
    long before = optimizer.steps();
    try {
      return told(batch);
    } catch (OutOfDeviceMemoryException e) {
      // What recorded steps hold may be what is missing. Updates need no memory of their own, so
      // that nothing has moved yet.
      if (recorded.isEmpty() || optimizer.steps() != before) {
        throw e;
      }
      recordNoMore(e);
    }
    return told(batch);
  }

  /** What a device with little memory does: told one after the other, all steps share it. */
  private void recordNoMore(OutOfDeviceMemoryException e) {
    LOG.log(
        System.Logger.Level.WARNING,
        "There is too little memory to keep training steps recorded, so that from now on each is"
            + " told to the device operation by operation: the same results, more slowly; a"
            + " smaller batch may bring it back. What was met: "
            + e.getMessage());
    refused = true;
    forget();
  }

  private Result told(B batch) {
    try (var _ = Scope.open()) {
      Objective.Outcome outcome = objective.measure(batch, Mode.training(seed, optimizer.steps()));
      optimizer.step(outcome.loss().backward());
      return new Result(outcome.loss().item(), outcome.correct(), outcome.total());
    }
  }

  /**
   * Runs a step whose batch comes in several parts: one update by the mean of all. It is not
   * recorded.
   *
   * @param parts asked for one after the other, as many as there are sizes
   * @param sizes the number of examples of each
   */
  Result run(Iterator<B> parts, int... sizes) {
    long examples = Arrays.stream(sizes).sum();
    // One mode for all: each part draws its own dropout.
    Mode mode = Mode.training(seed, optimizer.steps());
    double loss = 0;
    int correct = 0;
    int total = 0;
    try (var _ = Scope.open()) {
      var sum = new GradientSum();
      for (int size : sizes) {
        try (var _ = Scope.open()) {
          Objective.Outcome outcome = objective.measure(parts.next(), mode);
          double share = (double) size / examples;
          sum.add(outcome.loss().backward(), share);
          loss += share * outcome.loss().item();
          correct += outcome.correct();
          total += outcome.total();
        }
      }
      optimizer.step(sum.total());
    }
    return new Result(loss, correct, total);
  }

  /** The step of these shapes; recorded now where that is still to be done. */
  private Optional<Recorded> recorded(RecordableObjective<B> from, List<HostTensor> inputs) {
    List<Shape> shapes = shapes(inputs);
    Optional<Recorded> known =
        recorded.stream().filter(step -> step.shapes.equals(shapes)).findFirst();
    if (known.isPresent() || recorded.size() == MOST_RECORDED) {
      return known;
    }
    Optional<Recorded> step = record(from, inputs);
    refused = step.isEmpty();
    step.ifPresent(recorded::add);
    return step;
  }

  private Optional<Recorded> record(RecordableObjective<B> from, List<HostTensor> values) {
    long steps = optimizer.steps();
    List<Tensor> inputs = new ArrayList<>();
    var results = new RecordableObjective.@Nullable Judged[1];
    Optional<Recording> recording = Optional.empty();
    try {
      values.forEach(value -> inputs.add(value.on(from.device())));
      recording =
          from.device()
              .backend()
              .record(
                  new StepValues(steps, optimizer.upcoming()),
                  () -> {
                    try (var step = Scope.open()) {
                      var judged = from.judge(inputs, Mode.training(seed, steps));
                      optimizer.step(judged.loss().backward());
                      results[0] =
                          new RecordableObjective.Judged(
                              step.keep(judged.loss()), step.keep(judged.predictions()));
                    }
                  });
    } catch (OutOfDeviceMemoryException e) {
      recordNoMore(e);
    } finally {
      // Recorded is not done.
      optimizer.resume(steps);
    }
    RecordableObjective.Judged judged = results[0];
    if (recording.isPresent() && judged != null) {
      return Optional.of(new Recorded(recording.get(), shapes(values), inputs, judged));
    }
    close(inputs, judged);
    return Optional.empty();
  }

  private static void close(List<Tensor> inputs, RecordableObjective.@Nullable Judged results) {
    inputs.forEach(Tensor::close);
    if (results != null) {
      results.loss().close();
      results.predictions().close();
    }
  }

  private Result replay(
      RecordableObjective<B> from, Recorded step, B batch, List<HostTensor> values) {
    for (int i = 0; i < values.size(); i++) {
      values.get(i).writeTo(step.inputs.get(i));
    }
    step.recording.replay(new StepValues(optimizer.steps(), optimizer.upcoming()));
    optimizer.resume(optimizer.steps() + 1);
    int[] predictions = step.results.predictions().toIntArray();
    return new Result(
        step.results.loss().item(), from.correct(batch, predictions), predictions.length);
  }

  private static List<Shape> shapes(List<HostTensor> inputs) {
    return inputs.stream().map(HostTensor::shape).toList();
  }

  /** Gives back what recorded steps hold. */
  private void forget() {
    for (Recorded step : recorded) {
      step.recording.close();
      close(step.inputs, step.results);
    }
    recorded.clear();
  }

  @Override
  public void close() {
    try (scope) {
      forget();
    }
  }
}
