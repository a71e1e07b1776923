package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Storage;
import dev.impromptu.tensor.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** The convolution of one of Impromptu's backends, bias included, and WaveNet's gated one. */
final class KernelConv extends BackendVariant {
  private final ConvShape shape;
  private final List<Set> sets = new ArrayList<>();

  private record Set(
      Storage x,
      Storage weight,
      Storage bias,
      Storage dy,
      Storage y,
      Storage dx,
      Storage dWeight,
      Storage dBias,
      Storage gates,
      Storage gated,
      Storage dGated,
      Storage dPre) {}

  /**
   * Prepares it.
   *
   * @param shape with an even number of channels going out
   */
  KernelConv(Device device, ConvShape shape, List<ConvInputs> inputs) {
    super(device);
    this.shape = shape;
    for (ConvInputs each : inputs) {
      sets.add(
          new Set(
              of(each.x()),
              of(each.weight()),
              of(each.bias()),
              of(each.dy()),
              empty(each.dy().length),
              empty(each.x().length),
              empty(each.weight().length),
              empty(each.bias().length),
              empty(each.dy().length),
              empty(each.dy().length / 2),
              of(Arrays.copyOf(each.dy(), each.dy().length / 2)),
              empty(each.dy().length)));
    }
  }

  @Override
  public List<Task> tasks() {
    Set first = sets.getFirst();
    var gated = new Output("gated y", first.gated);
    return List.of(
        task(
            CudnnConvVariant.Direction.FORWARD.taskName(), this::forward, new Output("y", first.y)),
        task(
            CudnnConvVariant.Direction.BACKWARD_DATA.taskName(),
            set -> toInput(set, set.dy),
            new Output("dx", first.dx)),
        task(
            CudnnConvVariant.Direction.BACKWARD_FILTER.taskName(),
            set -> toWeight(set, set.dy),
            new Output("dW", first.dWeight),
            new Output("db", first.dBias)),
        task("gated forward", this::gatedForward, gated),
        task(
            "gated forward+backward",
            this::gatedBoth,
            gated,
            new Output("gated dx", first.dx),
            new Output("gated dW", first.dWeight),
            new Output("gated db", first.dBias)));
  }

  private Task task(String name, Consumer<Set> work, Output... outputs) {
    List<Runnable> calls = sets.stream().<Runnable>map(set -> () -> work.accept(set)).toList();
    return new Task(name, calls, check(outputs));
  }

  private void forward(Set set) {
    backend().causalConv1d(shape, set.x, set.weight, set.bias, null, set.y);
  }

  private void toInput(Set set, Storage dy) {
    backend().causalConv1dBackwardInput(shape, dy, set.weight, null, set.dx);
  }

  private void toWeight(Set set, Storage dy) {
    backend().causalConv1dBackwardWeight(shape, set.x, dy, set.dWeight, set.dBias);
  }

  private void gatedForward(Set set) {
    backend().gatedConv1d(shape, set.x, set.weight, set.bias, set.gates, set.gated);
  }

  private void gatedBoth(Set set) {
    gatedForward(set);
    backend().gatedConv1dBackward(shape, set.gates, set.dGated, set.dPre);
    toInput(set, set.dPre);
    toWeight(set, set.dPre);
  }
}
