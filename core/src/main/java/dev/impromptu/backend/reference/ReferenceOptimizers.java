package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.ReferenceStorage.doubles;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.RmsPropSlot;
import dev.impromptu.backend.RmsPropStep;
import dev.impromptu.backend.SgdSlot;
import dev.impromptu.backend.SgdStep;

/** The updates of one parameter, as their steps define them. */
final class ReferenceOptimizers {
  private ReferenceOptimizers() {}

  static void adam(AdamStep step, AdamSlot slot) {
    var parameter = doubles(slot.parameter());
    var gradient = doubles(slot.gradient());
    var mean = doubles(slot.mean());
    var variance = doubles(slot.variance());
    double scale = step.rates().scale();
    double kept = 1 - scale * step.learningRate() * step.rates().weightDecay();
    double factor = factor(step);
    for (int i = 0; i < parameter.length(); i++) {
      double g = factor * gradient.get(i);
      double m = step.beta1() * mean.get(i) + (1 - step.beta1()) * g;
      double v = step.beta2() * variance.get(i) + (1 - step.beta2()) * g * g;
      mean.set(i, m);
      variance.set(i, v);
      double change = scale * step.rate() * m / (Math.sqrt(v) / step.correction() + step.epsilon());
      parameter.set(i, kept * parameter.get(i) - change);
    }
  }

  static void sgd(SgdStep step, SgdSlot slot) {
    var parameter = doubles(slot.parameter());
    var gradient = doubles(slot.gradient());
    double rate = step.rates().scale() * step.rate();
    double factor = factor(step);
    for (int i = 0; i < parameter.length(); i++) {
      double direction = factor * gradient.get(i) + step.rates().weightDecay() * parameter.get(i);
      if (slot.velocity() != null) {
        var velocity = doubles(slot.velocity());
        double v = step.momentum() * velocity.get(i) + step.correction() * direction;
        velocity.set(i, v);
        direction = step.nesterov() ? direction + step.momentum() * v : v;
      }
      parameter.add(i, -rate * direction);
    }
  }

  static void rmsProp(RmsPropStep step, RmsPropSlot slot) {
    var parameter = doubles(slot.parameter());
    var gradient = doubles(slot.gradient());
    var square = doubles(slot.square());
    double rate = step.rates().scale() * step.rate();
    double factor = factor(step);
    for (int i = 0; i < parameter.length(); i++) {
      double g = factor * gradient.get(i) + step.rates().weightDecay() * parameter.get(i);
      double s = step.alpha() * square.get(i) + (1 - step.alpha()) * g * g;
      square.set(i, s);
      if (slot.mean() != null) {
        var mean = doubles(slot.mean());
        double m = step.alpha() * mean.get(i) + (1 - step.alpha()) * g;
        mean.set(i, m);
        s = Math.max(0, s - m * m);
      }
      double direction = g / (Math.sqrt(s) + step.epsilon());
      if (slot.velocity() != null) {
        var velocity = doubles(slot.velocity());
        direction += step.momentum() * velocity.get(i);
        velocity.set(i, direction);
      }
      parameter.add(i, -rate * direction);
    }
  }

  private static double factor(OptimizerStep step) {
    var clip = step.clip();
    return clip == null ? 1 : clip.factor(doubles(clip.norm()).get(0));
  }
}
