package dev.impromptu.examples.cli;

import dev.impromptu.music.data.Windows;
import dev.impromptu.music.model.Composer;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LookaheadObjective;
import dev.impromptu.music.model.WaveNetComposer;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.music.model.WindowExamples;
import dev.impromptu.music.render.Signals;
import dev.impromptu.music.sample.Sampler;
import dev.impromptu.music.sample.Sampling;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.optim.CosineDecay;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.ScheduledRate;
import dev.impromptu.train.Trainer;
import dev.impromptu.train.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Learns sine waves. */
@Command(
    name = "sinusoid",
    description = {
      "Teach a WaveNet sine waves of several frequencies, every value rounded to two decimals a"
          + " token, and let it go on by itself from phases that it has not seen.",
      "Leaves sinusoid.png: the waves, and what the network made of them. Takes a few minutes."
    })
final class SinusoidCommand implements Callable<Integer> {
  private static final int EPOCHS = 5;
  private static final int BATCH = 32;
  private static final double LEARNING_RATE = 3e-3;
  private static final int WARM_UP = 100;
  private static final int POINTS = 500;

  /** Without the guards that music needs: a wave does repeat itself. */
  private static final Sampling LIKELIEST = new Sampling(0, 0, 1, 0, 0);

  private final Session session;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "impromptu-sinusoid",
      description = "Where the picture goes (default: ./${DEFAULT-VALUE}).")
  private Path out = Path.of("");

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Decides everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--epochs",
      hidden = true,
      paramLabel = "N",
      defaultValue = "" + EPOCHS,
      description = "Epochs to train, for tests.")
  private int epochs = EPOCHS;

  @Option(
      names = "--phases",
      hidden = true,
      paramLabel = "N",
      defaultValue = "" + Sinusoids.PHASES,
      description = "Phases of each wave to learn from, for tests.")
  private int phases = Sinusoids.PHASES;

  SinusoidCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(out);
    var waves = new Sinusoids(seed, phases);
    Device device = Device.best();
    var model = new WaveNetComposer(device, sizes(waves.vocabulary().size()), seed);
    session.figure("tokens", model.vocabularySize());
    session.figure("parameters", Module.parameterCount(model));
    session.figure("receptive_field", model.receptiveField());
    session.figure("train_windows", waves.training().size());
    train(model, waves, device);
    var objective = Lookahead.SLIDE.objective(model, device, 1);
    session.figure("one_step_percent", accuracy(objective, waves.unseenPhases()), 2);
    session.figure(
        "one_step_of_unseen_windows_percent", accuracy(objective, waves.unseenWindows()), 2);
    goOn(model, waves, device);
    return 0;
  }

  private static double accuracy(LookaheadObjective objective, Windows windows) {
    return Trainer.evaluate(objective, new WindowExamples(windows)).accuracy();
  }

  /** Its one stack of dilations up to 16 sees the 32 points of a window. */
  private static WaveNetComposer.Sizes sizes(int vocabulary) {
    return new WaveNetComposer.Sizes(vocabulary, 32, 32, 128, 2, 1, 5, 128, 0);
  }

  private void train(WaveNetComposer model, Sinusoids waves, Device device) {
    var adam = new Adam(model, LEARNING_RATE, 1);
    var examples = new WindowExamples(waves.training());
    long steps = (long) Math.ceilDiv(examples.size(), BATCH) * epochs;
    var schedule = new CosineDecay(LEARNING_RATE, Math.min(WARM_UP, steps / 10), steps, 0);
    var rate = new ScheduledRate(adam, schedule, report -> report.validation().loss());
    TrainingProgress progress =
        TrainingProgress.of(session, TimeLeft.ofNextToken(epochs, examples.size()));
    var trainer =
        new Trainer<WindowBatch>(adam, BATCH, seed, TrainingState.START, List.of(rate, progress));
    try {
      trainer.fit(
          Lookahead.SLIDE.objective(model, device, 1),
          examples,
          new WindowExamples(waves.unseenWindows()),
          epochs);
    } finally {
      progress.clear();
    }
  }

  /** From the likeliest value to the next, each wave from a phase of its own. */
  private void goOn(WaveNetComposer model, Sinusoids waves, Device device) throws IOException {
    var phases = new SplittableRandom(~seed);
    List<Signals.Pair> pairs = new ArrayList<>();
    double worst = 0;
    for (int period : Sinusoids.PERIODS) {
      double[] wave =
          Sinusoids.wave(period, waves.unseenPhase(period, phases), Sinusoids.CONTEXT + POINTS);
      int[] context = waves.tokens(Arrays.copyOf(wave, Sinusoids.CONTEXT));
      var likeliest = new Sampler(LIKELIEST, seed);
      int[] all =
          new Composer(model, device, Sinusoids.CONTEXT)
              .compose(context, POINTS, likeliest, done -> {});
      double[] foretold = waves.values(Arrays.copyOfRange(all, Sinusoids.CONTEXT, all.length));
      double[] truth = Arrays.copyOfRange(wave, Sinusoids.CONTEXT, wave.length);
      double rms = rms(truth, foretold);
      worst = Math.max(worst, rms);
      session.figure("rms_period_" + period, rms, 4);
      pairs.add(
          new Signals.Pair(
              String.format(
                  Locale.ROOT,
                  "A period of %d points, going on by itself: RMS error %.4f",
                  period,
                  rms),
              truth,
              foretold));
    }
    session.figure("worst_rms", worst, 4);
    Signals.write(pairs, out.resolve("sinusoid.png"));
    session.figure("written", out.resolve("sinusoid.png"));
  }

  private static double rms(double[] truth, double[] foretold) {
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      sum += (truth[i] - foretold[i]) * (truth[i] - foretold[i]);
    }
    return Math.sqrt(sum / truth.length);
  }
}
