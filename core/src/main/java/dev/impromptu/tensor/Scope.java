package dev.impromptu.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Owns the tensors made while it is the innermost open scope of its thread, and gives their memory
 * back when it closes.
 *
 * <pre>{@code
 * try (var step = Scope.open()) {
 *   var loss = model.loss(batch);
 *   optimizer.step(loss.backward());
 * }
 * }</pre>
 *
 * <p>Scopes nest strictly. Whether operations are recorded for differentiation is a property of the
 * scope: {@link #open} records unless it stands inside {@link #inference}.
 */
public final class Scope implements AutoCloseable {
  /** Tensors below which it does not matter that some are closed. */
  private static final int FEW = 256;

  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  private static final List<OpObserver> DEFAULT_OBSERVERS =
      Boolean.getBoolean("impromptu.anomaly") ? List.of(new AnomalyDetection()) : List.of();

  private final String name;
  private final @Nullable Scope parent;
  private final boolean recording;
  private final boolean lasting;
  private final List<OpObserver> observers;
  private final List<Tensor> owned = new ArrayList<>();
  private int sweepAt = FEW;
  private @Nullable ScopeOpening opening;
  private boolean closed;

  private Scope(
      String name,
      @Nullable Scope parent,
      boolean recording,
      boolean lasting,
      List<OpObserver> observers) {
    this.name = name;
    this.parent = parent;
    this.recording = recording;
    this.lasting = lasting;
    this.observers = observers;
  }

  /** Opens a scope that records operations, unless the scope around it does not. */
  public static Scope open() {
    return enter("scope", isOpenForRecording(), observers()).watched();
  }

  /** Opens a scope whose operations are not recorded. */
  public static Scope inference() {
    return briefly().watched();
  }

  /**
   * Opens a scope whose operations, and those of scopes inside it, an observer is told of, besides
   * those of the scope around it. It records as {@link #open} does.
   */
  public static Scope observed(OpObserver observer) {
    List<OpObserver> all = new ArrayList<>(observers());
    all.add(observer);
    return enter("observed scope", isOpenForRecording(), List.copyOf(all)).watched();
  }

  /** An inference scope for a few operations: its opener closes it, so nobody need watch. */
  static Scope briefly() {
    return enter("inference scope", false, observers());
  }

  private static boolean isOpenForRecording() {
    Scope parent = CURRENT.get();
    return parent == null || parent.recording;
  }

  private static Scope enter(String name, boolean recording, List<OpObserver> observers) {
    Scope scope = new Scope(name, CURRENT.get(), recording, false, observers);
    CURRENT.set(scope);
    return scope;
  }

  private Scope watched() {
    opening = new ScopeOpening(this);
    return this;
  }

  /** A scope that stands on no thread's stack and may be used from all of them. */
  static Scope lasting(String name) {
    return new Scope(name, null, false, true, List.of());
  }

  /** Who is told of the operations on this thread now. */
  static List<OpObserver> observers() {
    Scope scope = CURRENT.get();
    return scope == null ? DEFAULT_OBSERVERS : scope.observers;
  }

  /** Whether anybody is told of the operations on this thread now. */
  public static boolean isObserved() {
    return !observers().isEmpty();
  }

  /**
   * The innermost open scope of this thread.
   *
   * @throws IllegalStateException when there is none
   */
  static Scope current() {
    Scope scope = CURRENT.get();
    if (scope == null) {
      throw new IllegalStateException(
          "Scope: no scope is open on thread '%s'; surround the work with try (var scope ="
                  .formatted(Thread.currentThread().getName())
              + " Scope.open()) { … }");
    }
    return scope;
  }

  /** Whether operations on this thread are recorded now. */
  static boolean isRecording() {
    Scope scope = CURRENT.get();
    return scope != null && scope.recording;
  }

  /**
   * Hands a result to the scope around this one, where it lives on as a plain value, without the
   * record of how it was made.
   *
   * @return the tensor to use from now on
   * @throws IllegalStateException when there is no scope around this one
   */
  public Tensor keep(Tensor tensor) {
    if (closed || CURRENT.get() != this) {
      throw new IllegalStateException(
          "Scope: keep works on the innermost open scope of its own thread; call it before the"
              + " scope closes");
    }
    if (parent == null) {
      throw new IllegalStateException(
          "Scope: keep hands a tensor to the scope around this one, and there is none; open an"
              + " outer scope, or read the values with toFloatArray()");
    }
    return tensor.detachedIn(parent);
  }

  /**
   * What holds a device's memory: the open scopes of this thread from the innermost on, then the
   * scope of what lasts as long as the device, one line each, with the number and size of their
   * tensors there.
   */
  public static String describeOpen(Device device) {
    var text = new StringBuilder();
    for (Scope scope = CURRENT.get(); scope != null; scope = scope.parent) {
      text.append(scope.describe(device)).append(System.lineSeparator());
    }
    return text.append(device.lasting().describe(device)).append(System.lineSeparator()).toString();
  }

  private String describe(Device device) {
    synchronized (owned) {
      var here = owned.stream().filter(t -> !t.isClosed() && t.device() == device).toList();
      // Tensors of several shapes may share one memory.
      long bytes = here.stream().map(Tensor::memory).distinct().mapToLong(Memory::bytes).sum();
      return String.format(
          Locale.ROOT, "%s: %d tensors, %.1f MiB", this, here.size(), bytes / 0x1p20);
    }
  }

  void adopt(Tensor tensor) {
    if (!lasting) {
      // A loop that closes what it made may run for ever in one scope.
      if (owned.size() >= sweepAt) {
        owned.removeIf(Tensor::isClosed);
        sweepAt = Math.max(FEW, 2 * owned.size());
      }
      owned.add(tensor);
      return;
    }
    synchronized (owned) {
      if (closed) {
        throw new IllegalStateException("Scope: " + name + " is closed");
      }
      owned.removeIf(Tensor::isClosed);
      owned.add(tensor);
    }
  }

  /**
   * Gives back the memory of all tensors that the scope still owns.
   *
   * @throws IllegalStateException when another scope is the innermost, or on another thread
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (!lasting) {
      Scope innermost = CURRENT.get();
      if (innermost != this) {
        throw new IllegalStateException(
            "Scope: the one opened at %s cannot be closed; on thread '%s' the innermost is %s; close scopes in the reverse order of opening, best with try-with-resources"
                .formatted(
                    opening,
                    Thread.currentThread().getName(),
                    innermost == null ? "none" : "the one opened at " + innermost.opening));
      }
      CURRENT.set(parent);
      if (opening != null) {
        opening.close();
      }
    }
    synchronized (owned) {
      closed = true;
      for (int i = owned.size() - 1; i >= 0; i--) {
        owned.get(i).close(name);
      }
      owned.clear();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
