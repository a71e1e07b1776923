package dev.impromptu.proof;

import dev.impromptu.io.HostArray;
import dev.impromptu.io.Safetensors;
import dev.impromptu.io.Weights;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.Parameter;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.Tolerance;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/**
 * A layer or function: its outputs, and the gradients of what goes in.
 *
 * @param inputs by name; numbers are differentiated, ids are not
 * @param constants names of numbers that are not differentiated
 * @param model makes the layer
 */
public record ForwardProof<M extends Module>(
    String name,
    Tolerance.Kind kind,
    int terms,
    SequencedMap<String, HostArray> inputs,
    Set<String> constants,
    Function<Device, M> model,
    Forward<M> forward)
    implements Proof {
  /** What is computed. */
  @FunctionalInterface
  public interface Forward<M> {
    /** From inputs by name to outputs by name. */
    SequencedMap<String, Tensor> apply(M model, Map<String, Tensor> inputs);
  }

  static <M extends Module> ForwardProof<M> layer(
      String name, Tolerance.Kind kind, int terms, Function<Device, M> model, Forward<M> forward) {
    return new ForwardProof<>(name, kind, terms, new LinkedHashMap<>(), Set.of(), model, forward);
  }

  /** Without parameters, with one output. */
  static ForwardProof<Module> function(
      String name, Tolerance.Kind kind, int terms, Function<Map<String, Tensor>, Tensor> function) {
    return layer(name, kind, terms, _ -> _ -> {}, (_, in) -> output("y", function.apply(in)));
  }

  /** With one more input, evenly from {@code [low, high)}. */
  ForwardProof<M> with(String input, double low, double high, int... shape) {
    return with(input, Draws.uniform(name + ", " + input, low, high, shape), false);
  }

  /** With one more input that is not differentiated. */
  ForwardProof<M> withConstant(String input, double low, double high, int... shape) {
    return with(input, Draws.uniform(name + ", " + input, low, high, shape), true);
  }

  /** With ids from 0 to {@code bound - 1}. */
  ForwardProof<M> withIds(String input, int bound, int... shape) {
    return with(input, Draws.ids(name + ", " + input, bound, shape), true);
  }

  /** With one more input. */
  ForwardProof<M> with(String input, HostArray values, boolean constant) {
    SequencedMap<String, HostArray> more = new LinkedHashMap<>(inputs);
    more.put(input, values);
    Set<String> fixed = new HashSet<>(constants);
    if (constant) {
      fixed.add(input);
    }
    return new ForwardProof<>(name, kind, terms, more, fixed, model, forward);
  }

  /** One output. */
  static SequencedMap<String, Tensor> output(String name, Tensor value) {
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    outputs.put(name, value);
    return outputs;
  }

  @Override
  public Recorded given() {
    SequencedMap<String, HostArray> parameters = new LinkedHashMap<>();
    Module.parameters(model.apply(Device.reference()))
        .forEach((parameter, value) -> parameters.put(parameter, drawn(parameter, value.shape())));
    return Recorded.given(inputs, parameters);
  }

  /**
   * Not the first values, of which some are all 0 or 1. A sum over many inputs has small weights: a
   * recurrent layer would magnify each rounding else.
   */
  private HostArray drawn(String parameter, Shape shape) {
    int inputsOfOne = shape.elements() / shape.size(0);
    double bound = Math.min(1, 2 / Math.sqrt(inputsOfOne));
    return Draws.uniform(name + ", " + parameter, -0.8 * bound, 0.9 * bound, shape.sizes());
  }

  @Override
  public Recorded run(Device device, Recorded given) {
    M layer = model.apply(device);
    load(given.parameters(), layer);
    try (var _ = Scope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      given
          .inputs()
          .forEach(
              (input, array) -> {
                Tensor values = array.on(device);
                tensors.put(input, constants.contains(input) ? values : values.tracked());
              });
      SequencedMap<String, Tensor> outputs = forward.apply(layer, tensors);
      Gradients found = judge(outputs).backward();
      SequencedMap<String, HostArray> values = new LinkedHashMap<>();
      outputs.forEach((output, tensor) -> values.put(output, Proof.exact(tensor)));
      SequencedMap<String, HostArray> gradients = new LinkedHashMap<>();
      tensors.forEach((input, tensor) -> record(input, tensor, found, gradients));
      for (Map.Entry<String, Parameter> entry : Module.parameters(layer).entrySet()) {
        record(entry.getKey(), entry.getValue().value(), found, gradients);
      }
      return new Recorded(given.inputs(), given.parameters(), values, gradients);
    }
  }

  private static void record(
      String input, Tensor tensor, Gradients found, Map<String, HostArray> gradients) {
    found.find(tensor).ifPresent(gradient -> gradients.put(input, Proof.exact(gradient)));
  }

  private Tensor judge(SequencedMap<String, Tensor> outputs) {
    Tensor total = null;
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      Tensor y = output.getValue();
      HostArray weights = Draws.weights(name, output.getKey(), y.shape().sizes());
      Tensor part = y.times(weights.on(y.device())).sum();
      total = total == null ? part : total.plus(part);
    }
    return total;
  }

  /** As a file is loaded: each name and shape must be there. */
  static void load(SequencedMap<String, HostArray> parameters, Module model) {
    var bytes = new ByteArrayOutputStream();
    try {
      new Safetensors(parameters, Map.of()).write(bytes);
      Weights.load("parameters", new ByteArrayInputStream(bytes.toByteArray()), model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
