package dev.impromptu.train;

import dev.impromptu.io.Checkpoint;
import dev.impromptu.io.JsonObject;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * Keeps the best epoch of a run as a {@link Checkpoint}: saves after every epoch that is the best
 * so far. It goes by the history alone, so a run that stopped and continued keeps what it would
 * have.
 */
public final class BestCheckpoint implements TrainingListener {
  private final Path directory;
  private final Module model;
  private final Optimizer optimizer;
  private final Function<TrainingState, Optional<EpochReport>> best;
  private final Function<TrainingState, JsonObject> description;

  /**
   * Saves to a directory, which is replaced each time; {@link CheckpointListener#resume} reads it.
   *
   * @param directory of its own; it and those around it are made if need be
   * @param model being trained
   * @param optimizer of the model
   * @param best finds the best of the complete epochs, for example {@code TrainingState::best}, or
   *     {@code state -> state.best(report -> report.validation().loss(), Aim.LOWER)}
   * @throws UncheckedIOException when the directory holds anything but a checkpoint: {@link
   *     Checkpoint#requireReplaceable}
   */
  public BestCheckpoint(
      Path directory,
      Module model,
      Optimizer optimizer,
      Function<TrainingState, Optional<EpochReport>> best) {
    this(directory, model, optimizer, best, state -> CheckpointListener.position(state, optimizer));
  }

  /**
   * Saves with a description of one's own.
   *
   * @param description what {@code model.json} is to hold, as for {@link CheckpointListener}
   * @throws UncheckedIOException when the directory holds anything but a checkpoint: {@link
   *     Checkpoint#requireReplaceable}
   */
  public BestCheckpoint(
      Path directory,
      Module model,
      Optimizer optimizer,
      Function<TrainingState, Optional<EpochReport>> best,
      Function<TrainingState, JsonObject> description) {
    this.directory = directory;
    this.model = model;
    this.optimizer = optimizer;
    this.best = best;
    this.description = description;
    CheckpointListener.requireReplaceable(directory);
  }

  /**
   * Saves if the epoch is the best so far.
   *
   * @throws UncheckedIOException when it cannot be saved
   */
  @Override
  public void onEpochEnd(TrainingState state) {
    if (best.apply(state).filter(state.history().getLast()::equals).isPresent()) {
      try {
        Checkpoint.save(directory, description.apply(state), model, optimizer);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
