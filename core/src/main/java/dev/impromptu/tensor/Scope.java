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
  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  private final String name;
  private final @Nullable Scope parent;
  private final boolean recording;
  private final boolean lasting;
  private final List<Tensor> owned = new ArrayList<>();
  private boolean closed;

  private Scope(String name, @Nullable Scope parent, boolean recording, boolean lasting) {
    this.name = name;
    this.parent = parent;
    this.recording = recording;
    this.lasting = lasting;
  }

  /** Opens a scope that records operations, unless the scope around it does not. */
  public static Scope open() {
    Scope parent = CURRENT.get();
    return enter("scope", parent == null || parent.recording);
  }

  /** Opens a scope whose operations are not recorded. */
  public static Scope inference() {
    return enter("inference scope", false);
  }

  private static Scope enter(String name, boolean recording) {
    Scope scope = new Scope(name, CURRENT.get(), recording, false);
    CURRENT.set(scope);
    return scope;
  }

  /** A scope that stands on no thread's stack and may be used from all of them. */
  static Scope lasting(String name) {
    return new Scope(name, null, false, true);
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
      if (CURRENT.get() != this) {
        throw new IllegalStateException(
            "Scope: only the innermost scope of its own thread can be closed; close scopes in the"
                + " reverse order of opening, best with try-with-resources");
      }
      CURRENT.set(parent);
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
