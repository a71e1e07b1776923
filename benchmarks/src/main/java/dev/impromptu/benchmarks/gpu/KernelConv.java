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
    return List.of(
        task(CudnnConvVariant.Direction.FORWARD.taskName(), this::forward),
        task(CudnnConvVariant.Direction.BACKWARD_DATA.taskName(), set -> toInput(set, set.dy)),
        task(CudnnConvVariant.Direction.BACKWARD_FILTER.taskName(), set -> toWeight(set, set.dy)),
        task("gated forward", this::gatedForward),
        task("gated forward+backward", this::gatedBoth));
  }

  private Task task(String name, Consumer<Set> work) {
    return new Task(name, sets.stream().<Runnable>map(set -> () -> work.accept(set)).toList());
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

  @Override
  public List<Result> results() {
    Set set = sets.getFirst();
    forward(set);
    toInput(set, set.dy);
    toWeight(set, set.dy);
    List<Result> results = new ArrayList<>();
    results.add(result("y", set.y));
    results.add(result("dx", set.dx));
    results.add(result("dW", set.dWeight));
    results.add(result("db", set.dBias));
    gatedBoth(set);
    results.add(result("gated y", set.gated));
    results.add(result("gated dx", set.dx));
    results.add(result("gated dW", set.dWeight));
    results.add(result("gated db", set.dBias));
    return results;
  }
}
