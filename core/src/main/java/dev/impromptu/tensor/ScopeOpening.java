package dev.impromptu.tensor;

import java.lang.ref.Cleaner;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where a scope was opened. It outlives the scope, to say so when nobody can close that any longer
 * because its thread ended and left it open; it gives nothing back itself.
 */
final class ScopeOpening implements Runnable {
  private static final System.Logger LOG = System.getLogger(Scope.class.getName());
  private static final Cleaner CLEANER = Cleaner.create();
  private static final StackWalker WALKER = StackWalker.getInstance();

  private static final Set<String> OWN =
      Set.of(Scope.class.getName(), ScopeOpening.class.getName());

  /** Replaced by tests. */
  static volatile Consumer<String> report = text -> LOG.log(System.Logger.Level.WARNING, text);

  /** Turned into words only when they are wanted. */
  private final Optional<StackWalker.StackFrame> place;

  private final Cleaner.Cleanable cleanable;
  private volatile boolean closed;

  ScopeOpening(Scope scope) {
    place =
        WALKER.walk(
            frames -> frames.filter(frame -> !OWN.contains(frame.getClassName())).findFirst());
    cleanable = CLEANER.register(scope, this);
  }

  void close() {
    closed = true;
    cleanable.clean();
  }

  @Override
  public void run() {
    if (!closed) {
      report.accept(
          "The scope opened at %s was never closed, and its thread has ended; surround its work with try (var scope = Scope.open()) { … }"
              .formatted(this));
    }
  }

  @Override
  public String toString() {
    return place.map(Object::toString).orElse("an unknown place");
  }
}
