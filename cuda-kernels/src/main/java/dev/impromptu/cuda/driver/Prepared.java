package dev.impromptu.cuda.driver;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a library prepared for shapes. The {@value #MOST} shapes that were used last are kept;
 * beyond them those that recorded work used, which it may need again each time it is replayed.
 *
 * @param <S> the shape
 * @param <T> what is prepared for it
 */
public final class Prepared<S, T> implements AutoCloseable {
  static final int MOST = 64;

  private final DriverContext context;
  private final Function<S, T> prepare;
  private final Consumer<T> close;
  // From the one that was used longest ago to the last.
  private final Map<S, T> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<S> recorded = new HashSet<>();

  /**
   * Prepares nothing yet.
   *
   * @param close called when the work of the stream has ended
   */
  public Prepared(DriverContext context, Function<S, T> prepare, Consumer<T> close) {
    this.context = context;
    this.prepare = prepare;
    this.close = close;
  }

  /** For this shape; valid until the caller gives up the context's monitor. */
  public T of(S shape) {
    synchronized (context) {
      T known = kept.get(shape);
      if (known == null) {
        makeRoom();
        known = prepare.apply(shape);
        kept.put(shape, known);
      }
      if (context.isRecording()) {
        recorded.add(shape);
      }
      return known;
    }
  }

  private void makeRoom() {
    // The device may still work with what would go, and a recording cannot wait for it.
    if (kept.size() - recorded.size() < MOST || context.isRecording()) {
      return;
    }
    context.synchronize();
    Iterator<Map.Entry<S, T>> entries = kept.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<S, T> oldest = entries.next();
      if (!recorded.contains(oldest.getKey())) {
        entries.remove();
        close.accept(oldest.getValue());
        return;
      }
    }
  }

  /** The work of the stream must have ended. */
  @Override
  public void close() {
    synchronized (context) {
      kept.values().forEach(close);
      kept.clear();
      recorded.clear();
    }
  }
}
