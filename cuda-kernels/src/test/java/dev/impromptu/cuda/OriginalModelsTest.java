package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import dev.impromptu.data.Examples;
import dev.impromptu.io.JsonObject;
import dev.impromptu.music.model.Architectures;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.SequenceModel;
import dev.impromptu.music.model.WaveNetComposer;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.testkit.Tolerance;
import dev.impromptu.train.Objective;
import dev.impromptu.train.Trainer;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Twenty training steps of both of the original's models at their full size, dropout and clipping
 * included: what the trainer gets from the device agrees with the reference, and a recorded step
 * gives the bits of one that was not.
 */
class OriginalModelsTest {
  private static final int VOCABULARY = 173;
  private static final int CONTEXT = 32;
  private static final int BATCH = 2;
  private static final int STEPS = 20;

  /** The rounding of a step passes into the next; measured is a tenth of it. */
  private static final double LOSS_TOLERANCE = 1e-3;

  private static final Map<String, Run> REFERENCE = new ConcurrentHashMap<>();

  /** The sums of losses after each step, and the parameters after the last. */
  private record Run(List<Double> losses, Map<String, float[]> parameters) {}

  /**
   * Random windows, the same on every device. Where several tokens are to be foretold they skip
   * one, and half of them have others right before them.
   */
  private record Windows(int size, int future) implements Examples<WindowBatch> {
    @Override
    public WindowBatch batch(int[] indices) {
      int[] x = new int[indices.length * CONTEXT];
      int[] y = new int[indices.length * future];
      int[] between = new int[future > 1 ? indices.length : 0];
      boolean[] earlier = new boolean[indices.length * (future - 1)];
      for (int i = 0; i < indices.length; i++) {
        var random = new PhiloxRandom(9, indices[i]);
        for (int t = 0; t < CONTEXT; t++) {
          x[i * CONTEXT + t] = random.nextInt(VOCABULARY);
        }
        for (int t = 0; t < future; t++) {
          y[i * future + t] = random.nextInt(VOCABULARY);
        }
        Arrays.fill(earlier, i * (future - 1), (i + 1) * (future - 1), indices[i] % 2 == 0);
      }
      return new WindowBatch(indices.length, CONTEXT, future, x, between, y, earlier);
    }
  }

  private static JsonObject architecture(String name) {
    return switch (name) {
      case LstmComposer.NAME -> LstmComposer.Sizes.original(VOCABULARY).toJson();
      case WaveNetComposer.NAME -> WaveNetComposer.Sizes.original(VOCABULARY).toJson();
      default -> LstmComposer.Sizes.small(VOCABULARY).toJson();
    };
  }

  private static Run train(String name, Lookahead lookahead, Device device, boolean recordable) {
    SequenceModel model = Architectures.build(device, architecture(name), 1);
    var adam = new Adam(model, 1e-3, 1);
    List<Double> losses = new ArrayList<>();
    var listener =
        new TrainingListener() {
          @Override
          public void onStep(TrainingState state) {
            losses.add(state.partial().lossSum());
          }
        };
    int ahead = lookahead == Lookahead.TEACHER ? 3 : 1;
    var recorded = lookahead.objective(model, device, ahead);
    Objective<WindowBatch> objective = recordable ? recorded : recorded::measure;
    new Trainer<WindowBatch>(adam, BATCH, 5, TrainingState.START, List.of(listener))
        .fit(objective, new Windows(BATCH * STEPS, ahead), new Windows(1, ahead), 1);
    Map<String, float[]> parameters = new LinkedHashMap<>();
    Module.parameters(model)
        .forEach((key, parameter) -> parameters.put(key, parameter.value().toFloatArray()));
    return new Run(losses, parameters);
  }

  @ParameterizedTest
  @CsvSource({"lstm, 75", "lstm, 90", "wavenet, 75", "wavenet, 90"})
  void twentyRecordedStepsAgreeWithTheReference(String name, int capability) {
    Run expected =
        REFERENCE.computeIfAbsent(
            name, model -> train(model, Lookahead.SLIDE, Device.reference(), false));
    Run met = trainOn(name, Lookahead.SLIDE, capability, true);
    requireCloseLosses(expected, met);
    expected
        .parameters()
        .forEach(
            (key, values) ->
                Tolerance.requireClose(
                    name + " " + key,
                    doubles(met.parameters().get(key)),
                    doubles(values),
                    LOSS_TOLERANCE));
    if (capability == 90) {
      Run told = trainOn(name, Lookahead.SLIDE, capability, false);
      assertEquals(told.losses(), met.losses());
      told.parameters()
          .forEach((key, values) -> assertArrayEquals(values, met.parameters().get(key), key));
    }
  }

  /**
   * What it is given differs from the others: true tokens, several ways on, how much each counts.
   */
  @Test
  void teacherForcingIsRecordedAsWell() {
    Run expected = train("small", Lookahead.TEACHER, Device.reference(), false);
    Run met = trainOn("small", Lookahead.TEACHER, 90, true);
    requireCloseLosses(expected, met);
    Run told = trainOn("small", Lookahead.TEACHER, 90, false);
    assertEquals(told.losses(), met.losses());
    told.parameters()
        .forEach((key, values) -> assertArrayEquals(values, met.parameters().get(key), key));
  }

  private static void requireCloseLosses(Run expected, Run met) {
    assertEquals(STEPS, met.losses().size());
    for (int step = 0; step < STEPS; step++) {
      assertEquals(
          expected.losses().get(step), met.losses().get(step), LOSS_TOLERANCE, "step " + step);
    }
  }

  private static Run trainOn(String name, Lookahead lookahead, int capability, boolean recordable) {
    TestDriver.open().close();
    DriverDouble.find()
        .ifPresent(
            driver -> {
              driver.setCapability(capability / 10, capability % 10);
              // Billions of them; other tests have the same kernels looked at in smaller sizes.
              driver.setAccessChecks(false);
            });
    try (Device device = Device.of(new CudaProvider().open(Precision.FP32))) {
      return train(name, lookahead, device, recordable);
    }
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
