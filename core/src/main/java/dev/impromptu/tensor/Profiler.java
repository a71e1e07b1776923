package dev.impromptu.tensor;

import dev.impromptu.backend.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Adds up time and bytes by operation; {@link #toString} is the table. It waits for the device
 * after every operation, so what it measures is longer than the same work unobserved.
 *
 * <pre>{@code
 * var profiler = new Profiler();
 * try (var _ = Scope.observed(profiler)) {
 *   model.forward(x);
 * }
 * System.out.println(profiler);
 * }</pre>
 *
 * <p>May be used by many threads at once.
 */
public final class Profiler implements OpObserver {
  private final Map<String, Sums> byName = new ConcurrentHashMap<>();

  /** Makes one that has seen nothing yet. */
  public Profiler() {}

  private record Sums(LongAdder calls, LongAdder nanoseconds, LongAdder bytes) {
    Sums() {
      this(new LongAdder(), new LongAdder(), new LongAdder());
    }
  }

  /**
   * What one kind of operation took.
   *
   * @param name of the operation; its backward is a kind of its own
   * @param calls how often it ran
   * @param nanoseconds it took in all
   * @param bytes of its results in all
   */
  public record Line(String name, long calls, long nanoseconds, long bytes) {}

  @Override
  public void forward(Op op, List<Tensor> inputs, List<Tensor> outputs, long start) {
    add(op.name(), outputs, start);
  }

  @Override
  public void backward(Op op, List<@Nullable Tensor> gradients, long start) {
    List<Tensor> present = new ArrayList<>();
    for (Tensor gradient : gradients) {
      if (gradient != null) {
        present.add(gradient);
      }
    }
    add("backward of " + op.name(), present, start);
  }

  private void add(String name, List<Tensor> results, long start) {
    results.stream().limit(1).forEach(Profiler::await);
    Sums sums = byName.computeIfAbsent(name, _ -> new Sums());
    sums.calls.increment();
    sums.nanoseconds.add(System.nanoTime() - start);
    results.forEach(result -> sums.bytes.add(result.memory().bytes()));
  }

  /** Reading waits for all that was asked of the device before. */
  private static void await(Tensor result) {
    if (result.shape().elements() > 0) {
      var first = result.storage().slice(0, 1);
      if (result.dtype() == DType.INT32) {
        result.device().backend().read(first, new int[1]);
      } else {
        result.device().backend().read(first, new float[1]);
      }
    }
  }

  /** What was measured so far, what took longest first. */
  public List<Line> lines() {
    return new TreeMap<>(byName)
        .entrySet().stream()
            .map(
                e ->
                    new Line(
                        e.getKey(),
                        e.getValue().calls.sum(),
                        e.getValue().nanoseconds.sum(),
                        e.getValue().bytes.sum()))
            .sorted(Comparator.comparingLong(Line::nanoseconds).reversed())
            .toList();
  }

  /** A table of what was measured so far. */
  @Override
  public String toString() {
    var table = new StringBuilder("operation                        calls         ms        MiB\n");
    for (Line line : lines()) {
      table.append(
          String.format(
              Locale.ROOT,
              "%-30s %7d %10.3f %10.3f\n",
              line.name,
              line.calls,
              line.nanoseconds * 1e-6,
              line.bytes / 0x1p20));
    }
    return table.toString();
  }
}
