package dev.impromptu.nn;

import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;

/**
 * What the gates of one recurrent layer learn, with PyTorch's names and first values: evenly from
 * {@code ±1 / sqrt(hidden)}.
 *
 * @param inputWeight {@code [gates hidden, in]}
 * @param hiddenWeight {@code [gates hidden, hidden]}
 * @param inputBias {@code [gates hidden]}
 * @param hiddenBias {@code [gates hidden]}
 */
record GateParameters(
    Parameter inputWeight, Parameter hiddenWeight, Parameter inputBias, Parameter hiddenBias) {
  static GateParameters uniform(
      Device device, int gates, int inputSize, int hiddenSize, PhiloxRandom random) {
    double bound = 1 / Math.sqrt(hiddenSize);
    int rows = gates * hiddenSize;
    return new GateParameters(
        Parameter.uniform(device, Shape.of(rows, inputSize), bound, random),
        Parameter.uniform(device, Shape.of(rows, hiddenSize), bound, random),
        Parameter.uniform(device, Shape.of(rows), bound, random),
        Parameter.uniform(device, Shape.of(rows), bound, random));
  }

  /** Shows them; {@code suffix} ends their names. */
  void visit(String suffix, Module.Visitor visitor) {
    visitor.parameter("weight_ih" + suffix, inputWeight);
    visitor.parameter("weight_hh" + suffix, hiddenWeight);
    visitor.parameter("bias_ih" + suffix, inputBias);
    visitor.parameter("bias_hh" + suffix, hiddenBias);
  }
}
