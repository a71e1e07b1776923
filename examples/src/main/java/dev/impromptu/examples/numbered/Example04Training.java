package dev.impromptu.examples.numbered;

import dev.impromptu.backend.Precision;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.NGram;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.WindowExamples;
import dev.impromptu.music.train.Curriculum;
import dev.impromptu.music.train.ModelDirectory;
import dev.impromptu.music.train.MusicTraining;
import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.music.train.TrainingPlan;
import dev.impromptu.music.train.TrainingSettings;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A whole run as {@code ./impromptu train} makes it: a curriculum, checkpoints that can be
 * continued to the last bit, and the best of them judged beside an n-gram.
 *
 * <p>Run it: {@code java -cp "examples/target/impromptu/lib/*:examples/target/impromptu/*"
 * dev.impromptu.examples.numbered.Example04Training}
 */
public final class Example04Training {
  private Example04Training() {}

  /** Trains in a temporary folder. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("impromptu-example");
    System.out.println(train(folder, Curriculum.parse("1x6,4x4"), 0));
    System.out.println("the model lies in " + folder);
  }

  /** Trains on at most {@code limit} windows, 0 for all. */
  static Scores train(Path folder, Curriculum curriculum, int limit) throws IOException {
    Device device = Device.best();
    MusicDataset dataset = Example02Windows.dataset(DatasetOptions.DEFAULTS);
    var settings =
        new TrainingSettings(
            "seed",
            dataset.options(),
            LstmComposer.Sizes.small(dataset.vocabulary().size()).toJson(),
            TrainingPlan.DEFAULTS.withCurriculum(curriculum).withBatchSize(32),
            limit,
            Precision.FP32);
    var directory = new ModelDirectory(folder);
    MusicTraining.start(directory, settings, dataset, device).run(1);

    // As if the machine had been switched off: everything needed stands in folder/last.
    MusicTraining.resume(directory, settings, dataset, device).run(curriculum.epochs());

    TrainedModel best = TrainedModel.open(directory.best(), device);
    var test = dataset.test().windows();
    double accuracy =
        Trainer.evaluate(
                Lookahead.SLIDE.objective(best.model(), device, 1), new WindowExamples(test))
            .accuracy();
    NGram ngram = NGram.best(dataset.training().windows(), dataset.validation().windows());
    return new Scores(accuracy, 100 * ngram.accuracy(test));
  }

  /**
   * Next tokens of the test part that were foretold, in percent.
   *
   * @param network by the network
   * @param ngram by an n-gram, which sees all training windows
   */
  record Scores(double network, double ngram) {}
}
