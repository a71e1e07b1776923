package dev.impromptu.examples.numbered;

import dev.impromptu.data.Examples;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.music.model.WindowExamples;
import dev.impromptu.optim.Adam;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.EpochReport;
import dev.impromptu.train.Trainer;
import dev.impromptu.train.TrainingState;
import java.util.List;

/**
 * A network first learns to foretell the next token, then the next four from its own guesses. The
 * guesses are fed back while it carries on; it is judged by sliding, from a zero state each time.
 *
 * <p>Run it: {@code java -cp "examples/target/impromptu/lib/*:examples/target/impromptu/*"
 * dev.impromptu.examples.numbered.Example03Curriculum}
 */
public final class Example03Curriculum {
  private Example03Curriculum() {}

  /** Prints the accuracy after every epoch. */
  public static void main(String[] args) {
    MusicDataset dataset = Example02Windows.dataset(DatasetOptions.DEFAULTS);
    for (EpochReport epoch : train(dataset, 5, 5)) {
      System.out.printf(
          "epoch %d: %.1f %% of %d held-out tokens%n",
          epoch.epoch(), epoch.validation().accuracy(), epoch.validation().total());
    }
  }

  static List<EpochReport> train(MusicDataset dataset, int nextEpochs, int fourEpochs) {
    Device device = Device.best();
    var sizes = new LstmComposer.Sizes(dataset.vocabulary().size(), 32, 64, 1, 64, 0.1);
    var model = new LstmComposer(device, sizes, 0);
    // A gradient longer than 1 is shortened: through many fed-back steps it can grow suddenly.
    var adam = new Adam(model, 2e-3, 1);
    Examples<WindowBatch> training = new WindowExamples(dataset.training().windows());
    Examples<WindowBatch> heldOut = new WindowExamples(dataset.validation().windows());
    var trainer = new Trainer<WindowBatch>(adam, 32, 0, TrainingState.START, List.of());

    var next = Lookahead.SLIDE.objective(model, device, 1);
    trainer.fit(next, training, heldOut, nextEpochs);

    // The same trainer goes on with another task: one backward pass through all four losses.
    var carrying = Lookahead.CARRY.objective(model, device, 4);
    var sliding = Lookahead.SLIDE.objective(model, device, 4);
    trainer.fit(carrying, training, sliding, heldOut, nextEpochs + fourEpochs);
    return trainer.state().history();
  }
}
