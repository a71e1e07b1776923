package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.CudnnConvolution;
import dev.impromptu.cuda.driver.DeviceSpan;
import dev.impromptu.cuda.driver.DriverContext;
import java.util.ArrayList;
import java.util.List;

/**
 * One direction of cuDNN's convolution by one of its algorithms, bias included. It gets its own
 * layout, channels before time and zeros in front: turning ours into that is not timed.
 */
final class CudnnConvVariant extends CudnnVariant {
  private final ConvShape shape;
  private final Direction direction;
  private final CudnnConvolution convolution;
  private final DeviceSpan work;
  private final List<Set> sets = new ArrayList<>();

  /** What is computed, and how many algorithms cuDNN has for it. */
  enum Direction {
    FORWARD("forward", 8),
    BACKWARD_DATA("backward to input", 6),
    BACKWARD_FILTER("backward to weight", 7);

    private final String task;
    private final int algorithms;

    Direction(String task, int algorithms) {
      this.task = task;
      this.algorithms = algorithms;
    }

    String taskName() {
      return task;
    }

    int algorithms() {
      return algorithms;
    }

    private CudnnConvolution.Algorithms by(int algorithm) {
      var others = CudnnConvolution.Algorithms.REPEATABLE;
      return switch (this) {
        case FORWARD ->
            new CudnnConvolution.Algorithms(
                algorithm, others.backwardData(), others.backwardFilter());
        case BACKWARD_DATA ->
            new CudnnConvolution.Algorithms(others.forward(), algorithm, others.backwardFilter());
        case BACKWARD_FILTER ->
            new CudnnConvolution.Algorithms(others.forward(), others.backwardData(), algorithm);
      };
    }
  }

  private record Set(
      DeviceSpan x,
      DeviceSpan weight,
      DeviceSpan bias,
      DeviceSpan dy,
      DeviceSpan y,
      DeviceSpan dx,
      DeviceSpan dWeight,
      DeviceSpan dBias) {}

  /**
   * Prepares it.
   *
   * @param algorithm by cuDNN's number
   * @throws dev.impromptu.cuda.driver.CudaException when it refuses shape or precision
   */
  CudnnConvVariant(
      DriverContext context,
      Cudnn cudnn,
      ConvShape shape,
      Precision precision,
      Direction direction,
      int algorithm,
      List<ConvInputs> inputs) {
    super(context);
    this.shape = shape;
    this.direction = direction;
    convolution = new CudnnConvolution(cudnn, shape, precision, direction.by(algorithm));
    work = bytes(convolution.workspaceBytes());
    int padded = shape.history() + shape.time();
    for (ConvInputs each : inputs) {
      sets.add(
          new Set(
              of(channelsFirst(each.x(), shape.inChannels(), shape.history())),
              of(each.weight()),
              of(each.bias()),
              of(channelsFirst(each.dy(), shape.outChannels(), 0)),
              empty(each.dy().length),
              empty(shape.batch() * padded * shape.inChannels()),
              empty(each.weight().length),
              empty(each.bias().length)));
    }
  }

  /** {@code [batch, time, channels] -> [batch, channels, zeros + time]}. */
  private float[] channelsFirst(float[] values, int channels, int zeros) {
    int padded = zeros + shape.time();
    float[] turned = new float[shape.batch() * channels * padded];
    for (int b = 0; b < shape.batch(); b++) {
      for (int t = 0; t < shape.time(); t++) {
        for (int c = 0; c < channels; c++) {
          turned[(b * channels + c) * padded + zeros + t] =
              values[(b * shape.time() + t) * channels + c];
        }
      }
    }
    return turned;
  }

  /** The way back; what belongs to the zeros in front is dropped. */
  private float[] channelsLast(float[] turned, int channels, int zeros) {
    int padded = zeros + shape.time();
    float[] values = new float[shape.batch() * shape.time() * channels];
    for (int b = 0; b < shape.batch(); b++) {
      for (int t = 0; t < shape.time(); t++) {
        for (int c = 0; c < channels; c++) {
          values[(b * shape.time() + t) * channels + c] =
              turned[(b * channels + c) * padded + zeros + t];
        }
      }
    }
    return values;
  }

  @Override
  public List<Task> tasks() {
    return List.of(
        new Task(
            direction.taskName(),
            sets.stream().<Runnable>map(set -> () -> run(set)).toList(),
            check(sets.getFirst())));
  }

  private void run(Set set) {
    switch (direction) {
      case FORWARD -> {
        convolution.forward(set.x, set.weight, set.y, work);
        convolution.addBias(set.bias, set.y);
      }
      case BACKWARD_DATA -> convolution.backwardData(set.weight, set.dy, set.dx, work);
      case BACKWARD_FILTER -> {
        convolution.backwardFilter(set.x, set.dy, set.dWeight, work);
        convolution.backwardBias(set.dy, set.dBias);
      }
    }
  }

  private Check check(Set set) {
    int in = shape.inChannels();
    int out = shape.outChannels();
    return switch (direction) {
      case FORWARD ->
          check(() -> List.of(new Result("y", channelsLast(host(set.y), out, 0))), set.y);
      case BACKWARD_DATA ->
          check(
              () -> List.of(new Result("dx", channelsLast(host(set.dx), in, shape.history()))),
              set.dx);
      case BACKWARD_FILTER ->
          check(
              () -> List.of(new Result("dW", host(set.dWeight)), new Result("db", host(set.dBias))),
              set.dWeight,
              set.dBias);
    };
  }

  @Override
  void closeDescriptors() {
    convolution.close();
  }
}
