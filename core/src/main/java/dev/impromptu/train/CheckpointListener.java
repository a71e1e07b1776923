package dev.impromptu.train;

import dev.impromptu.io.AtomicDirectory;
import dev.impromptu.io.Checkpoint;
import dev.impromptu.io.CheckpointException;
import dev.impromptu.io.JsonException;
import dev.impromptu.io.JsonObject;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Saves a run as a {@link Checkpoint} every so often, after every epoch and when it is stopped;
 * {@link #resume} continues it.
 */
public final class CheckpointListener implements TrainingListener {
  /** Older checkpoints and those described otherwise have none. */
  private static final String RATE = "learning_rate";

  private final Path directory;
  private final Module model;
  private final Optimizer optimizer;
  private final Every every;
  private final Function<TrainingState, JsonObject> description;
  private long lastStep;
  private long lastTime = System.nanoTime();

  /**
   * Saves to a directory, which is replaced each time.
   *
   * @param directory of its own; it and those around it are made if need be
   * @param model being trained
   * @param optimizer of the model
   * @param every how often within an epoch
   * @throws UncheckedIOException when the directory holds anything but a checkpoint: {@link
   *     Checkpoint#requireReplaceable}
   */
  public CheckpointListener(Path directory, Module model, Optimizer optimizer, Every every) {
    this(directory, model, optimizer, every, state -> position(state, optimizer));
  }

  /**
   * Saves with a description of one's own.
   *
   * @param description what {@code model.json} is to hold; {@link #resume} needs {@code steps}, the
   *     optimizer's, and {@code position}, the state's {@link TrainingState#toJson} in it, and sets
   *     the optimizer's {@code learning_rate} where it finds one
   * @throws UncheckedIOException when the directory holds anything but a checkpoint: {@link
   *     Checkpoint#requireReplaceable}
   */
  public CheckpointListener(
      Path directory,
      Module model,
      Optimizer optimizer,
      Every every,
      Function<TrainingState, JsonObject> description) {
    this.directory = directory;
    this.model = model;
    this.optimizer = optimizer;
    this.every = every;
    this.description = description;
    lastStep = optimizer.steps();
    requireReplaceable(directory);
  }

  /** Better before training than after its first epoch. */
  static void requireReplaceable(Path directory) {
    try {
      Checkpoint.requireReplaceable(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * How often a run is saved within an epoch: whatever comes first.
   *
   * @param steps training steps
   * @param time between two saves
   */
  public record Every(long steps, Duration time) {
    /** Checks that both are greater than 0. */
    public Every {
      if (steps < 1 || !time.isPositive()) {
        throw new IllegalArgumentException(
            "Every: %d steps must be at least 1 and the time %s greater than 0"
                .formatted(steps, time));
      }
    }

    /** After so many steps. */
    public static Every steps(long count) {
      return new Every(count, Duration.ofNanos(Long.MAX_VALUE));
    }

    /** After so many minutes. */
    public static Every minutes(long count) {
      return new Every(Long.MAX_VALUE, Duration.ofMinutes(count));
    }
  }

  /**
   * Fills a model and its optimizer with what was saved, the learning rate included. Both are
   * checked before either is changed. A run that is being saved to the directory meanwhile does no
   * harm.
   *
   * <p>The run goes on as if it had never stopped where the {@link Trainer} that is handed the
   * state has the seed, the batch size and the examples of the one that was stopped; they are not
   * in the checkpoint.
   *
   * @return where to continue
   * @throws CheckpointException when there is no checkpoint, it is damaged or of another model
   */
  public static TrainingState resume(Path directory, Module model, Optimizer optimizer)
      throws IOException {
    AtomicDirectory.recover(directory);
    return Files.isDirectory(directory)
        ? AtomicDirectory.read(directory, folder -> read(folder, model, optimizer))
        : read(directory, model, optimizer);
  }

  private static TrainingState read(Path directory, Module model, Optimizer optimizer)
      throws IOException {
    Checkpoint checkpoint = Checkpoint.open(directory);
    try {
      JsonObject json = checkpoint.description();
      TrainingState state = TrainingState.of(json.object("position"));
      OptionalDouble rate =
          json.has(RATE) ? OptionalDouble.of(Numbers.of(json, RATE)) : OptionalDouble.empty();
      if (rate.isPresent() && !(rate.getAsDouble() >= 0)) {
        throw json.error(RATE, "expected at least 0, met " + rate.getAsDouble());
      }
      checkpoint.loadInto(model, optimizer, json.longInteger("steps"));
      rate.ifPresent(optimizer::learningRate);
      return state;
    } catch (JsonException e) {
      throw new CheckpointException(
          "%s is damaged: %s; use another checkpoint".formatted(directory, e.getMessage()));
    }
  }

  /**
   * Saves when it is time to.
   *
   * @throws UncheckedIOException when it cannot be saved
   */
  @Override
  public void onStep(TrainingState state) {
    if (optimizer.steps() - lastStep >= every.steps
        || Duration.ofNanos(System.nanoTime() - lastTime).compareTo(every.time) >= 0) {
      save(state);
    }
  }

  @Override
  public void onEpochEnd(TrainingState state) {
    save(state);
  }

  @Override
  public void onStop(TrainingState state) {
    save(state);
  }

  private void save(TrainingState state) {
    try {
      Checkpoint.save(directory, description.apply(state), model, optimizer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    lastStep = optimizer.steps();
    lastTime = System.nanoTime();
  }

  static JsonObject position(TrainingState state, Optimizer optimizer) {
    return JsonObject.builder()
        .put("steps", optimizer.steps())
        .put("position", state.toJson())
        .put(RATE, Numbers.toJson(optimizer.learningRate()))
        .build();
  }
}
