package dev.impromptu.train;

import dev.impromptu.data.Examples;
import dev.impromptu.data.PrefetchingLoader;
import dev.impromptu.data.Shuffle;
import dev.impromptu.functional.Mode;
import dev.impromptu.optim.Optimizer;
import dev.impromptu.tensor.Scope;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The training loop: epochs of shuffled batches, each one forward, backward and update in a scope
 * of its own, with validation after every epoch.
 *
 * <p>Everything random depends on the seed and the position alone, so a run that stops and
 * continues from its {@link TrainingState} gives the same numbers as one that never stopped.
 *
 * @param <B> a batch
 */
public final class Trainer<B> {
  private static final int EVALUATION_BATCH = 128;

  /** Batches that are made while the device works on another: one in hand, one in the making. */
  private static final int AHEAD = 1;

  private final Optimizer optimizer;
  private final Batching batching;
  private final long seed;
  private final List<TrainingListener> listeners;
  private TrainingState state;
  private volatile boolean stopRequested;

  /** Makes a trainer whose steps are computed in one part: see the other constructor. */
  public Trainer(
      Optimizer optimizer,
      int batchSize,
      long seed,
      TrainingState state,
      List<TrainingListener> listeners) {
    this(optimizer, Batching.of(batchSize), seed, state, listeners);
  }

  /**
   * Makes a trainer that starts or continues at {@code state}.
   *
   * @param batching examples in a step, and in how many parts it is computed
   * @param seed of the order of examples and of dropout
   */
  public Trainer(
      Optimizer optimizer,
      Batching batching,
      long seed,
      TrainingState state,
      List<TrainingListener> listeners) {
    this.optimizer = optimizer;
    this.batching = batching;
    this.seed = seed;
    this.state = state;
    this.listeners = List.copyOf(listeners);
  }

  /** How far training has come. */
  public TrainingState state() {
    return state;
  }

  /**
   * Asks the loop to end after the current step; may be called from any thread. A validation is
   * abandoned, and done anew when training continues. A stopped trainer does not train again.
   */
  public void stop() {
    stopRequested = true;
  }

  /** Trains towards an objective and validates by the same. */
  public boolean fit(
      Objective<B> objective, Examples<B> training, Examples<B> validation, int untilEpoch) {
    return fit(objective, training, objective, validation, untilEpoch);
  }

  /**
   * Trains until {@code untilEpoch} epochs are complete, counted from the start of the run, or
   * until {@link #stop}, or until a listener wants no more. A later call may go on with other
   * objectives. Batches of training examples are made ahead, on a thread of their own.
   *
   * @param objective trained towards
   * @param judge validated by, after every epoch
   * @return false when {@link #stop} kept it from completing an epoch, which listeners are told by
   *     {@code onStop}; true when the epochs are complete or a listener wants no more, though it
   *     may have been asked to stop as the last of them ended
   */
  public boolean fit(
      Objective<B> objective,
      Examples<B> training,
      Objective<B> judge,
      Examples<B> validation,
      int untilEpoch) {
    if (training.size() == 0 || validation.size() == 0) {
      throw new IllegalArgumentException(
          "Trainer: met %d training and %d validation examples; both need at least 1"
              .formatted(training.size(), validation.size()));
    }
    try (var steps = new StepRunner<>(objective, optimizer, seed)) {
      while (state.epoch() < untilEpoch && allWantMore()) {
        if (!trainEpoch(steps, training) || !finishEpoch(judge, validation)) {
          tell(listener -> listener.onStop(state));
          return false;
        }
        tell(listener -> listener.onEpochEnd(state));
      }
      return true;
    }
  }

  /** The scope around lasts until training ends, so what a listener makes must not stay in it. */
  private void tell(Consumer<TrainingListener> what) {
    for (TrainingListener listener : listeners) {
      try (var _ = Scope.open()) {
        what.accept(listener);
      }
    }
  }

  private boolean allWantMore() {
    for (TrainingListener listener : listeners) {
      try (var _ = Scope.open()) {
        if (!listener.wantsMore(state)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Makes the steps of an epoch that are left, unless it is asked to stop first. */
  private boolean trainEpoch(StepRunner<B> steps, Examples<B> training) {
    int[] order = Shuffle.shuffled(training.size(), seed, state.epoch());
    int batches = Math.ceilDiv(training.size(), batching.size());
    tell(listener -> listener.onEpochStart(state, batches));
    int firstPart = state.batch() * batching.parts();
    try (var parts =
        new PrefetchingLoader<>(training, order, batching.partSize(), firstPart, AHEAD)) {
      while (state.batch() < batches) {
        if (stopRequested) {
          return false;
        }
        step(steps, parts, batching.sizes(training.size(), state.batch()));
        tell(listener -> listener.onStep(state));
      }
    }
    return true;
  }

  private void step(StepRunner<B> steps, Iterator<B> parts, int[] sizes) {
    long start = System.nanoTime();
    StepRunner.Result result =
        batching.parts() == 1 ? steps.run(parts.next()) : steps.run(parts, sizes);
    Metrics sums =
        state
            .partial()
            .plus(result.loss(), Arrays.stream(sizes).sum(), result.correct(), result.total());
    state = state.afterBatch(sums, (System.nanoTime() - start) * 1e-9);
  }

  /** Validates, unless it is asked to stop first. */
  private boolean finishEpoch(Objective<B> judge, Examples<B> validation) {
    long start = System.nanoTime();
    Metrics measured = evaluate(judge, validation, () -> stopRequested);
    if (measured.examples() < validation.size()) {
      return false;
    }
    double seconds = state.trainingSeconds() + (System.nanoTime() - start) * 1e-9;
    state =
        state.afterEpoch(
            new EpochReport(
                state.epoch(), state.partial(), measured, state.trainingSeconds(), seconds));
    return true;
  }

  /** Measures a model on all examples, in evaluation mode, without changing it. */
  public static <B> Metrics evaluate(Objective<B> objective, Examples<B> examples) {
    return evaluate(objective, examples, () -> false);
  }

  private static <B> Metrics evaluate(
      Objective<B> objective, Examples<B> examples, BooleanSupplier stop) {
    int[] order = Shuffle.ascending(examples.size());
    Metrics sums = Metrics.NONE;
    for (int from = 0; from < order.length && !stop.getAsBoolean(); from += EVALUATION_BATCH) {
      int[] indices =
          Arrays.copyOfRange(order, from, Math.min(from + EVALUATION_BATCH, order.length));
      try (var _ = Scope.inference()) {
        Objective.Outcome outcome = objective.measure(examples.batch(indices), Mode.EVALUATION);
        sums = sums.plus(outcome.loss().item(), indices.length, outcome.correct(), outcome.total());
      }
    }
    return sums;
  }
}
