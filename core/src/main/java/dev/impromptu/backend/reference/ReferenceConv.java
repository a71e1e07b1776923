package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.ReferenceStorage.doubles;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Storage;
import org.jspecify.annotations.Nullable;

/**
 * The causal dilated convolution, straight from its equation
 *
 * <pre>
 * y[b, t, o] = bias[o] + added[b, t, o] + sum over c, j of weight[o, c, j] x[b, t - (kernel - 1 - j) dilation, c]
 * </pre>
 */
final class ReferenceConv {
  private final ConvShape shape;
  private final int batch;
  private final int time;
  private final int in;
  private final int out;
  private final int kernel;

  ReferenceConv(ConvShape shape) {
    this.shape = shape;
    this.batch = shape.batch();
    this.time = shape.time();
    this.in = shape.inChannels();
    this.out = shape.outChannels();
    this.kernel = shape.kernel();
  }

  /** Does something for every term {@code y[row y, o] += weight[o, c, j] x[row x, c]}. */
  @FunctionalInterface
  private interface Term {
    void visit(int yElement, int weightElement, int xElement);
  }

  /** Every term of every sum, without those that meet the zeros before the first step. */
  private void terms(Term term) {
    for (int b = 0; b < batch; b++) {
      for (int t = 0; t < time; t++) {
        for (int o = 0; o < out; o++) {
          for (int c = 0; c < in; c++) {
            for (int j = 0; j < kernel; j++) {
              int source = t - shape.lag(j);
              if (source >= 0) {
                term.visit(
                    (b * time + t) * out + o,
                    (o * in + c) * kernel + j,
                    (b * time + source) * in + c);
              }
            }
          }
        }
      }
    }
  }

  void forward(
      Storage x, Storage weight, @Nullable Storage bias, @Nullable Storage added, Storage y) {
    var input = doubles(x);
    var factors = doubles(weight);
    var output = doubles(y);
    for (int i = 0; i < batch * time * out; i++) {
      output.set(i, bias(bias, i % out) + (added == null ? 0 : doubles(added).get(i)));
    }
    terms((to, w, from) -> output.add(to, factors.get(w) * input.get(from)));
  }

  private static double bias(@Nullable Storage bias, int channel) {
    return bias == null ? 0 : doubles(bias).get(channel);
  }

  void backwardInput(Storage dy, Storage weight, @Nullable Storage added, Storage dx) {
    var dOutput = doubles(dy);
    var factors = doubles(weight);
    var dInput = doubles(dx);
    for (int i = 0; i < batch * time * in; i++) {
      dInput.set(i, added == null ? 0 : doubles(added).get(i));
    }
    terms((to, w, from) -> dInput.add(from, factors.get(w) * dOutput.get(to)));
  }

  void backwardWeight(Storage x, Storage dy, Storage dWeight, @Nullable Storage dBias) {
    var input = doubles(x);
    var dOutput = doubles(dy);
    var dFactors = doubles(dWeight);
    dFactors.fill(0);
    terms((to, w, from) -> dFactors.add(w, dOutput.get(to) * input.get(from)));
    if (dBias != null) {
      var sums = doubles(dBias);
      sums.fill(0);
      for (int i = 0; i < batch * time * out; i++) {
        sums.add(i % out, dOutput.get(i));
      }
    }
  }

  void step(
      Storage x, Storage weight, @Nullable Storage bias, Storage ring, int position, Storage y) {
    var input = doubles(x);
    var factors = doubles(weight);
    var past = doubles(ring);
    var output = doubles(y);
    int history = shape.history();
    for (int b = 0; b < batch; b++) {
      for (int o = 0; o < out; o++) {
        double sum = bias(bias, o);
        for (int c = 0; c < in; c++) {
          for (int j = 0; j < kernel; j++) {
            int lag = shape.lag(j);
            double value =
                lag == 0
                    ? input.get(b * in + c)
                    : past.get((b * history + Math.floorMod(position - lag, history)) * in + c);
            sum += factors.get((o * in + c) * kernel + j) * value;
          }
        }
        output.set(b * out + o, sum);
      }
    }
    for (int b = 0; b < batch && history > 0; b++) {
      input.copyTo(b * in, past, (b * history + position % history) * in, in);
    }
  }

  void gated(Storage x, Storage weight, @Nullable Storage bias, Storage gates, Storage y) {
    forward(x, weight, bias, null, gates);
    var active = doubles(gates);
    var output = doubles(y);
    int half = out / 2;
    for (int row = 0; row < batch * time; row++) {
      for (int c = 0; c < half; c++) {
        int filter = row * out + c;
        int gate = filter + half;
        active.set(filter, Math.tanh(active.get(filter)));
        active.set(gate, 1 / (1 + Math.exp(-active.get(gate))));
        output.set(row * half + c, active.get(filter) * active.get(gate));
      }
    }
  }

  void gatedBackward(Storage gates, Storage dy, Storage dPre) {
    var active = doubles(gates);
    var dOutput = doubles(dy);
    var dBefore = doubles(dPre);
    int half = out / 2;
    for (int row = 0; row < batch * time; row++) {
      for (int c = 0; c < half; c++) {
        int at = row * out + c;
        double filter = active.get(at);
        double gate = active.get(at + half);
        double d = dOutput.get(row * half + c);
        dBefore.set(at, d * gate * (1 - filter * filter));
        dBefore.set(at + half, d * filter * gate * (1 - gate));
      }
    }
  }
}
