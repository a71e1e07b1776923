package dev.impromptu.backend.cpu;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.RmsPropSlot;
import dev.impromptu.backend.RmsPropStep;
import dev.impromptu.backend.SgdSlot;
import dev.impromptu.backend.SgdStep;
import java.util.List;

/**
 * The updates of the optimizers. Those of gradient descent and RMSProp are plain loops: they are as
 * fast as memory, and the JVM makes vectors of them by itself.
 */
final class OptimizerUpdates {
  private final Elementwise elementwise;
  private final Kernels kernels;

  OptimizerUpdates(Elementwise elementwise, Kernels kernels) {
    this.elementwise = elementwise;
    this.kernels = kernels;
  }

  void adam(AdamStep step, List<AdamSlot> slots) {
    var coefficients = AdamCoefficients.of(step);
    var k = kernels.elements();
    for (var slot : slots) {
      var p = CpuStorage.floats(slot.parameter());
      var g = CpuStorage.floats(slot.gradient());
      var m = CpuStorage.floats(slot.mean());
      var v = CpuStorage.floats(slot.variance());
      elementwise.chunks(
          p.length,
          (from, n) ->
              k.adam(
                  n,
                  coefficients,
                  p.array,
                  p.offset + from,
                  g.array,
                  g.offset + from,
                  m.array,
                  m.offset + from,
                  v.array,
                  v.offset + from));
    }
  }

  void sgd(SgdStep step, List<SgdSlot> slots) {
    float factor = gradientFactor(step);
    float decay = (float) step.rates().weightDecay();
    float rate = (float) (step.rates().scale() * step.rate());
    for (var slot : slots) {
      var p = CpuStorage.floats(slot.parameter());
      var g = CpuStorage.floats(slot.gradient());
      if (slot.velocity() == null) {
        elementwise.chunks(
            p.length,
            (from, n) -> {
              for (int i = from; i < from + n; i++) {
                float value = p.array[p.offset + i];
                float d = g.array[g.offset + i] * factor + value * decay;
                p.array[p.offset + i] = value - rate * d;
              }
            });
      } else {
        var v = CpuStorage.floats(slot.velocity());
        elementwise.chunks(p.length, (from, n) -> withMomentum(step, factor, from, n, p, g, v));
      }
    }
  }

  private static void withMomentum(
      SgdStep step,
      float factor,
      int from,
      int n,
      CpuStorage.Floats p,
      CpuStorage.Floats g,
      CpuStorage.Floats v) {
    float decay = (float) step.rates().weightDecay();
    float rate = (float) (step.rates().scale() * step.rate());
    float momentum = (float) step.momentum();
    float share = (float) step.correction();
    // Of the gradient and of the velocity in the direction: no branch in the loop.
    float direct = step.nesterov() ? 1 : 0;
    float ahead = step.nesterov() ? momentum : 1;
    for (int i = from; i < from + n; i++) {
      float value = p.array[p.offset + i];
      float d = g.array[g.offset + i] * factor + value * decay;
      float velocity = v.array[v.offset + i] * momentum + d * share;
      v.array[v.offset + i] = velocity;
      p.array[p.offset + i] = value - rate * (d * direct + velocity * ahead);
    }
  }

  void rmsProp(RmsPropStep step, List<RmsPropSlot> slots) {
    float factor = gradientFactor(step);
    for (var slot : slots) {
      elementwise.chunks(
          slot.parameter().length(), (from, n) -> rmsProp(step, factor, from, n, slot));
    }
  }

  private static void rmsProp(RmsPropStep step, float factor, int from, int n, RmsPropSlot slot) {
    float decay = (float) step.rates().weightDecay();
    float rate = (float) (step.rates().scale() * step.rate());
    float alpha = (float) step.alpha();
    float rest = (float) (1 - step.alpha());
    float epsilon = (float) step.epsilon();
    float momentum = (float) step.momentum();
    var p = CpuStorage.floats(slot.parameter());
    var g = CpuStorage.floats(slot.gradient());
    var s = CpuStorage.floats(slot.square());
    var m = slot.mean() == null ? null : CpuStorage.floats(slot.mean());
    var v = slot.velocity() == null ? null : CpuStorage.floats(slot.velocity());
    for (int i = from; i < from + n; i++) {
      float value = p.array[p.offset + i];
      float gradient = g.array[g.offset + i] * factor + value * decay;
      float square = s.array[s.offset + i] * alpha + gradient * gradient * rest;
      s.array[s.offset + i] = square;
      if (m != null) {
        float mean = m.array[m.offset + i] * alpha + gradient * rest;
        m.array[m.offset + i] = mean;
        square = Math.max(0f, square - mean * mean);
      }
      float direction = gradient / ((float) Math.sqrt(square) + epsilon);
      if (v != null) {
        direction = v.array[v.offset + i] * momentum + direction;
        v.array[v.offset + i] = direction;
      }
      p.array[p.offset + i] = value - rate * direction;
    }
  }

  /** What gradients are multiplied by first. */
  static float gradientFactor(OptimizerStep step) {
    var clip = step.clip();
    if (clip == null) {
      return 1;
    }
    var norm = CpuStorage.floats(clip.norm());
    return (float) clip.factor(norm.array[norm.offset]);
  }
}
