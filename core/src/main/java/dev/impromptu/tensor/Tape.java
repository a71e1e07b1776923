package dev.impromptu.tensor;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs operations, records them where a gradient will be wanted, and walks the record backwards.
 *
 * <p>Reverse-mode differentiation: every tracked tensor knows the {@link Node} that made it; nodes
 * are visited from the newest to the oldest, each once, after all uses of its outputs.
 */
public final class Tape {
  private Tape() {}

  /** Runs an operation with one output. */
  public static Tensor run(Op op, Tensor... inputs) {
    return runAll(op, inputs).getFirst();
  }

  /**
   * Runs an operation.
   *
   * @throws IllegalArgumentException when the inputs do not fit or lie on different devices
   * @throws IllegalStateException when an input is closed, or tracked and the operation has no
   *     gradient
   */
  public static List<Tensor> runAll(Op op, Tensor... inputs) {
    List<Tensor> operands = List.of(inputs);
    boolean tracked = false;
    for (Tensor input : operands) {
      requireSameDevice(op, operands.getFirst(), input);
      tracked |= input.isTracked();
    }
    boolean record = tracked && Scope.isRecording();
    if (record && !(op instanceof DifferentiableOp)) {
      String shapes =
          operands.stream()
              .filter(Tensor::isTracked)
              .map(tensor -> tensor.shape().toString())
              .collect(Collectors.joining(", "));
      throw new IllegalStateException(
          "%s has no gradient, but is recorded, since parameters or what was computed from them are inputs, of shape %s; run it in Scope.inference(), or call detach() on these inputs first"
              .formatted(op.name(), shapes));
    }
    List<OpObserver> observers = Scope.observers();
    long start = observers.isEmpty() ? 0 : System.nanoTime();
    Op.Forward forward = forward(op, operands);
    for (OpObserver observer : observers) {
      observer.forward(op, operands, forward.outputs(), start);
    }
    if (record) {
      Node node = Node.record((DifferentiableOp) op, operands, forward);
      for (int i = 0; i < forward.outputs().size(); i++) {
        forward.outputs().get(i).madeBy(node, i);
      }
    } else {
      closeUnneeded(forward, operands);
    }
    forward.outputs().forEach(output -> output.named(op.name()));
    return forward.outputs();
  }

  private static Op.Forward forward(Op op, List<Tensor> operands) {
    try {
      return op.forward(operands);
    } catch (OutOfDeviceMemoryException e) {
      throw operands.isEmpty() ? e : operands.getFirst().device().explained(e);
    } catch (ArithmeticException e) {
      throw tooLarge(op, operands, e);
    }
  }

  /** Sizes are computed exactly: beyond the longest array they overflow. */
  private static RuntimeException tooLarge(Op op, List<Tensor> inputs, ArithmeticException e) {
    if (!String.valueOf(e.getMessage()).endsWith("overflow")) {
      return e;
    }
    return new IllegalArgumentException(
        "%s: with inputs of %s it needs more than 2^31 - 1 numbers at one place, the most that an array holds; give it fewer rows or steps at a time"
            .formatted(
                op.name(),
                inputs.stream()
                    .map(input -> input.shape().toString())
                    .collect(Collectors.joining(", "))),
        e);
  }

  private static void requireSameDevice(Op op, Tensor first, Tensor other) {
    if (first.device() != other.device()) {
      throw new IllegalArgumentException(
          "%s: input %s is on %s, but %s is on %s; move one with to(device)"
              .formatted(op.name(), first.shape(), first.device(), other.shape(), other.device()));
    }
  }

  private static void closeUnneeded(Op.Forward forward, List<Tensor> inputs) {
    for (Tensor saved : forward.saved()) {
      if (!holds(inputs, saved) && !holds(forward.outputs(), saved)) {
        saved.close();
      }
    }
  }

  private static boolean holds(List<Tensor> tensors, Tensor wanted) {
    for (int i = 0; i < tensors.size(); i++) {
      if (tensors.get(i) == wanted) {
        return true;
      }
    }
    return false;
  }

  static Gradients backward(Tensor loss) {
    if (loss.shape().elements() != 1) {
      throw new IllegalArgumentException(
          "backward: the loss must be a single number, but it is %s; reduce it with sum() or mean()"
              .formatted(loss.shape()));
    }
    loss.storage();
    if (!loss.isTracked()) {
      throw new IllegalStateException(
          "backward: the loss depends on no parameter, or was computed in an inference scope");
    }
    Walk walk = new Walk();
    try (Scope scope = Scope.briefly()) {
      Tensor one = Tensor.empty(loss.device(), loss.shape());
      loss.device().backend().fill(one.storage(), 1);
      walk.add(loss, scope.keep(one));
    }
    walk.run();
    return new Gradients(walk.leaves);
  }

  /** The state of one backward pass. */
  private static final class Walk {
    private final PriorityQueue<Node> ready =
        new PriorityQueue<>(Comparator.comparingLong(Node::order).reversed());
    private final Map<Node, @Nullable Tensor[]> pending = new IdentityHashMap<>();
    private final Map<Tensor, Tensor> leaves = new IdentityHashMap<>();

    void run() {
      while (!ready.isEmpty()) {
        Node node = ready.remove();
        @Nullable Tensor[] gradients = pending.remove(node);
        visit(node, gradients);
        for (Tensor gradient : gradients) {
          if (gradient != null) {
            gradient.close();
          }
        }
      }
    }

    private void visit(Node node, @Nullable Tensor[] outputGradients) {
      List<@Nullable Tensor> gradients = inputGradients(node, outputGradients);
      for (int i = 0; i < gradients.size(); i++) {
        Tensor gradient = gradients.get(i);
        if (gradient != null) {
          add(node.inputs().get(i), gradient);
        }
      }
    }

    /**
     * Only what is returned outlives the operation's backward; the rest is closed at once. An input
     * that was closed meanwhile has forgotten how it was made, so it is an error, not a lost
     * gradient.
     */
    private List<@Nullable Tensor> inputGradients(Node node, @Nullable Tensor[] outputGradients) {
      node.requireUnchanged();
      boolean[] wanted = node.tracked();
      for (int i = 0; i < wanted.length; i++) {
        if (wanted[i]) {
          node.inputs().get(i).storage();
        }
      }
      @Nullable Tensor[] kept = new Tensor[wanted.length];
      List<Tensor> taken = new ArrayList<>();
      try (Scope scope = Scope.briefly()) {
        List<OpObserver> observers = Scope.observers();
        long start = observers.isEmpty() ? 0 : System.nanoTime();
        List<@Nullable Tensor> results =
            backward(
                node,
                new DifferentiableOp.Backward(
                    node.saved(),
                    Arrays.asList(outputGradients),
                    wanted,
                    input -> take(node.inputs().get(input), taken)));
        if (results.size() != wanted.length) {
          throw new IllegalStateException(
              "%s: backward returned %d gradients for %d inputs"
                  .formatted(node.op().name(), results.size(), wanted.length));
        }
        for (int i = 0; i < wanted.length; i++) {
          Tensor gradient = results.get(i);
          if (wanted[i] && gradient != null) {
            requireShape(node, i, gradient);
            kept[i] = scope.keep(gradient);
            kept[i].named("backward of " + node.op().name());
          }
        }
        for (OpObserver observer : observers) {
          observer.backward(node.op(), Arrays.asList(kept), start);
        }
      }
      taken.forEach(Tensor::close);
      return Arrays.asList(kept);
    }

    private static List<@Nullable Tensor> backward(Node node, DifferentiableOp.Backward context) {
      try {
        return node.op().backward(context);
      } catch (OutOfDeviceMemoryException e) {
        throw node.inputs().getFirst().device().explained(e);
      } catch (ArithmeticException e) {
        throw tooLarge(node.op(), node.inputs(), e);
      }
    }

    /** Hands out what is known of the gradient of {@code tensor}, and forgets it. */
    private @Nullable Tensor take(Tensor tensor, List<Tensor> taken) {
      Node node = tensor.node();
      @Nullable Tensor[] slots = node == null ? null : pending.get(node);
      if (slots == null) {
        return null;
      }
      Tensor known = slots[tensor.outputIndex()];
      if (known != null) {
        slots[tensor.outputIndex()] = null;
        taken.add(known);
      }
      return known;
    }

    private static void requireShape(Node node, int input, Tensor gradient) {
      Shape expected = node.inputs().get(input).shape();
      if (!gradient.shape().equals(expected)) {
        throw new IllegalStateException(
            "%s: backward returned a gradient of %s for input %d of %s"
                .formatted(node.op().name(), gradient.shape(), input, expected));
      }
    }

    /** Adds to what is known of the gradient of {@code tensor}; takes {@code gradient} over. */
    void add(Tensor tensor, Tensor gradient) {
      Node node = tensor.node();
      if (node == null) {
        leaves.merge(tensor, gradient, Walk::sum);
        return;
      }
      @Nullable Tensor[] slots = pending.get(node);
      if (slots == null) {
        slots = new Tensor[node.outputs()];
        pending.put(node, slots);
        ready.add(node);
      }
      Tensor known = slots[tensor.outputIndex()];
      slots[tensor.outputIndex()] = known == null ? gradient : sum(known, gradient);
    }

    /** A new tensor, since an operation may hand one gradient to several inputs. */
    private static Tensor sum(Tensor known, Tensor more) {
      Tensor sum = Primitives.elementwise(BinaryOp.ADD, known, more);
      known.close();
      more.close();
      return sum;
    }
  }
}
