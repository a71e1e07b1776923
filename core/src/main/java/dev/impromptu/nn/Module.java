package dev.impromptu.nn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A part of a model that has parameters: a plain final class, complete after construction.
 *
 * <p>It names its parameters and children in {@link #visit}; these names are contracts with
 * checkpoints and PyTorch, independent of the fields that hold them.
 */
public interface Module {
  /** Shows every parameter and child to the visitor, always in one order. */
  void visit(Visitor visitor);

  /** Who is shown the contents of a module. */
  interface Visitor {
    /** A parameter of this module. */
    void parameter(String name, Parameter parameter);

    /** A module inside this one. */
    void child(String name, Module module);
  }

  /**
   * All parameters below a module by their full names, such as {@code lstm.weight_ih_l0}. One that
   * several modules share has as many names.
   *
   * @throws IllegalStateException when two have one name
   */
  static SequencedMap<String, Parameter> parameters(Module module) {
    SequencedMap<String, Parameter> found = new LinkedHashMap<>();
    module.visit(new Collector("", found));
    return Collections.unmodifiableSequencedMap(found);
  }

  /** The number of learned values below a module; those that modules share count once. */
  static long parameterCount(Module module) {
    return parameters(module).values().stream()
        .distinct()
        .mapToLong(p -> p.shape().elements())
        .sum();
  }

  /**
   * Gives back the memory of all parameters below a module, which otherwise last as long as their
   * device. None of them can be used any more, nor what shares them. A second call does nothing.
   */
  static void close(Module module) {
    parameters(module).values().forEach(parameter -> parameter.value().close());
  }

  /** Gathers parameters under the names of the modules around them. */
  record Collector(String prefix, SequencedMap<String, Parameter> found) implements Visitor {
    @Override
    public void parameter(String name, Parameter parameter) {
      if (found.putIfAbsent(prefix + name, parameter) != null) {
        throw new IllegalStateException("Module: two parameters are named " + prefix + name);
      }
    }

    @Override
    public void child(String name, Module module) {
      module.visit(new Collector(prefix + name + ".", found));
    }
  }
}
