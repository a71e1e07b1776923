package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.Backends.agree;
import static dev.impromptu.backend.cpu.Backends.random;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.ParameterRates;
import dev.impromptu.backend.RmsPropSlot;
import dev.impromptu.backend.RmsPropStep;
import dev.impromptu.backend.SgdSlot;
import dev.impromptu.backend.SgdStep;
import dev.impromptu.backend.Storage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Updates with everything that can be chosen, compared with the reference. A large epsilon keeps
 * RMSProp from making much of the rounding of gradients near 0.
 */
class OptimizerParityTest {
  private static final int N = 20_003;
  private static final ParameterRates RATES = new ParameterRates(0.5, 0.1);

  @Test
  void adamWithDecay() {
    agreeAfterThreeSteps(
        "adam",
        (b, step, clip, g, out) ->
            b.adam(
                new AdamStep(0.01, 0.9, 0.999, 1e-8, step, clip, RATES),
                List.of(new AdamSlot(out[1], g, out[2], out[3]))));
  }

  @ParameterizedTest
  @CsvSource({"0, 0, false", "0.9, 0, false", "0.9, 0.5, false", "0.9, 0, true"})
  void sgd(double momentum, double dampening, boolean nesterov) {
    agreeAfterThreeSteps(
        "sgd",
        (b, step, clip, g, out) ->
            b.sgd(
                new SgdStep(0.1, momentum, dampening, nesterov, step, clip, RATES),
                List.of(new SgdSlot(out[1], g, momentum > 0 ? out[2] : null))));
  }

  @ParameterizedTest
  @CsvSource({"0, false", "0.9, false", "0, true", "0.9, true"})
  void rmsProp(double momentum, boolean centered) {
    agreeAfterThreeSteps(
        "rmsProp",
        (b, step, clip, g, out) ->
            b.rmsProp(
                new RmsPropStep(0.01, 0.9, 0.1, momentum, step, clip, RATES),
                List.of(
                    new RmsPropSlot(
                        out[1],
                        g,
                        out[2],
                        centered ? out[3] : null,
                        momentum > 0 ? out[4] : null))));
  }

  /** One step; outputs are the norm, the parameter and what is remembered. */
  private interface Update {
    void on(Backend backend, long step, GradientClip clip, Storage gradient, Storage[] out);
  }

  private static void agreeAfterThreeSteps(String what, Update update) {
    agree(
        what,
        1e-5,
        new Object[] {random(N, 1), random(N, 2)},
        new int[] {1, N, N, N, N},
        (b, in, out) -> {
          b.copy(new BlockCopy(1, N, 0, N, 0, N), in[0], out[1]);
          b.fill(out[2], 0);
          b.fill(out[3], 0);
          b.fill(out[4], 0);
          b.norm(List.of(in[1]), out[0]);
          for (int step = 1; step <= 3; step++) {
            update.on(b, step, new GradientClip(out[0], 20), in[1], out);
          }
        });
  }
}
