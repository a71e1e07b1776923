package dev.impromptu.examples.numbered;

import dev.impromptu.data.Examples;
import dev.impromptu.functional.Losses;
import dev.impromptu.nn.Layer;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Sequential;
import dev.impromptu.nn.TCNBlock;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.train.EarlyStopping;
import dev.impromptu.train.Objective;
import dev.impromptu.train.Trainer;
import dev.impromptu.train.TrainingState;
import java.util.List;

/**
 * A temporal convolutional network foretells a noisy series eight steps ahead, and is compared with
 * the forecast that nothing changes.
 *
 * <p>Run it: {@code java -cp "examples/target/impromptu/lib/*:examples/target/impromptu/*"
 * dev.impromptu.examples.numbered.Example06Forecast}
 */
public final class Example06Forecast {
  private static final int CONTEXT = 48;
  private static final int AHEAD = 8;
  private static final double NOISE = 0.1;

  private Example06Forecast() {}

  /** Prints both errors. */
  public static void main(String[] args) {
    Errors errors = train(1500, 12);
    System.out.printf(
        "mean squared error on later values: network %.4f, persistence %.4f, the noise alone %.4f%n",
        errors.network(), errors.persistence(), NOISE * NOISE);
  }

  /** Two waves whose periods have no common multiple, and noise. */
  static float[] series(int length) {
    var random = new PhiloxRandom(60);
    float[] values = new float[length];
    for (int t = 0; t < length; t++) {
      double waves = Math.sin(2 * Math.PI * t / 24) + 0.5 * Math.sin(t / 5.0);
      values[t] = (float) (waves + NOISE * random.nextGaussian());
    }
    return values;
  }

  /**
   * Windows of a series.
   *
   * @param values the series
   * @param from where the first window begins
   * @param size number of windows, each one step after the one before
   */
  record Windows(float[] values, int from, int size) implements Examples<Batch> {
    @Override
    public Batch batch(int[] indices) {
      float[] context = new float[indices.length * CONTEXT];
      float[] future = new float[indices.length * AHEAD];
      for (int i = 0; i < indices.length; i++) {
        int begin = from + indices[i];
        System.arraycopy(values, begin, context, i * CONTEXT, CONTEXT);
        System.arraycopy(values, begin + CONTEXT, future, i * AHEAD, AHEAD);
      }
      return new Batch(indices.length, context, future);
    }
  }

  /** What the loader's thread makes: arrays on the host, no tensors. */
  record Batch(int size, float[] context, float[] future) {}

  /** Mean squared errors of the last eighth of the series. */
  record Errors(double network, double persistence) {}

  static Errors train(int length, int epochs) {
    Device device = Device.best();
    var random = new PhiloxRandom(61);
    // Dilations 1, 2, 4 and 8 with three taps: the last step sees 61 steps back.
    var model =
        new Sequential(
            new TCNBlock(device, 1, 16, 3, 1, 0, random),
            new TCNBlock(device, 16, 16, 3, 2, 0, random),
            new TCNBlock(device, 16, 16, 3, 4, 0, random),
            new TCNBlock(device, 16, 16, 3, 8, 0, random),
            Layer.of(x -> x.select(1, -1)),
            new Linear(device, 16, AHEAD, random));
    Objective<Batch> objective =
        (batch, mode) -> {
          Tensor x = Tensor.of(device, Shape.of(batch.size, CONTEXT, 1), batch.context);
          Tensor y = Tensor.of(device, Shape.of(batch.size, AHEAD), batch.future);
          return new Objective.Outcome(
              Losses.meanSquaredError(model.forward(x, mode), y), 0, batch.size);
        };

    // A series is split in time: what is tested comes after what is learned, and no window is in
    // two parts.
    float[] series = series(length);
    int window = CONTEXT + AHEAD;
    int part = length / 8;
    var training = new Windows(series, 0, 6 * part - window + 1);
    var validation = new Windows(series, 6 * part, part - window + 1);
    var test = new Windows(series, 7 * part, part - window + 1);

    var trainer =
        new Trainer<Batch>(
            new Adam(model, 3e-3), 32, 0, TrainingState.START, List.of(EarlyStopping.onLoss(4)));
    trainer.fit(objective, training, validation, epochs);
    return new Errors(Trainer.evaluate(objective, test).loss(), persistence(test));
  }

  /** The last value known, eight times. */
  private static double persistence(Windows test) {
    double sum = 0;
    for (int i = 0; i < test.size(); i++) {
      float last = test.values[test.from + i + CONTEXT - 1];
      for (int ahead = 0; ahead < AHEAD; ahead++) {
        double off = test.values[test.from + i + CONTEXT + ahead] - last;
        sum += off * off / AHEAD;
      }
    }
    return sum / test.size();
  }
}
