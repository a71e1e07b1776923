package dev.impromptu.functional;

import dev.impromptu.tensor.Masks;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The cross entropy with what PyTorch's {@code functional.cross_entropy} offers beyond the plain
 * one, and its defaults. {@link CrossEntropy} alone is faster.
 *
 * @param ignoredTarget rows of this target count for nothing
 * @param labelSmoothing share of the target that is spread evenly over all classes, in [0, 1)
 * @param classWeights {@code [classes]}, without its gradient: how much each class counts; absent
 *     for 1
 */
public record CrossEntropyOptions(
    int ignoredTarget, double labelSmoothing, @Nullable Tensor classWeights) {
  /** PyTorch's {@code ignore_index}. */
  public static final int IGNORED_TARGET = -100;

  /** Nothing ignored but -100, no smoothing, all classes alike. */
  public static final CrossEntropyOptions DEFAULTS =
      new CrossEntropyOptions(IGNORED_TARGET, 0, null);

  /** Checks the smoothing and that the weights are a row. */
  public CrossEntropyOptions {
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException(
          "crossEntropy: label smoothing " + labelSmoothing + " must be at least 0 and below 1");
    }
    if (classWeights != null) {
      if (classWeights.shape().rank() != 1) {
        throw new IllegalArgumentException(
            "crossEntropy: expected class weights [classes], but met " + classWeights.shape());
      }
      classWeights = classWeights.isTracked() ? classWeights.detach() : classWeights;
    }
  }

  /** The same with another target to ignore. */
  public CrossEntropyOptions ignoring(int target) {
    return new CrossEntropyOptions(target, labelSmoothing, classWeights);
  }

  /** The same with another smoothing. */
  public CrossEntropyOptions smoothing(double share) {
    return new CrossEntropyOptions(ignoredTarget, share, classWeights);
  }

  /** The same with other weights of the classes. */
  public CrossEntropyOptions weighing(Tensor weights) {
    return new CrossEntropyOptions(ignoredTarget, labelSmoothing, weights);
  }

  /**
   * The mean over the rows that count, each by the weight of its target; NaN when none does. A
   * class whose logit is -infinity costs nothing where it is not wanted.
   *
   * @param logits {@code [rows, classes]}
   * @param targets INT32 {@code [rows]}
   * @return a scalar, in nats
   * @throws IllegalArgumentException when the shapes or types are others
   * @throws IndexOutOfBoundsException when a target that counts is no class
   */
  public Tensor crossEntropy(Tensor logits, Tensor targets) {
    int classes = logits.shape().size(-1);
    if (logits.shape().rank() != 2 || !targets.shape().equals(logits.shape().without(-1))) {
      throw new IllegalArgumentException(
          "crossEntropy: expected logits [rows, classes] and targets [rows], but met %s and %s"
              .formatted(logits.shape(), targets.shape()));
    }
    if (classWeights != null && classWeights.shape().size(0) != classes) {
      throw new IllegalArgumentException(
          "crossEntropy: class weights %s must be one for each class of logits %s"
              .formatted(classWeights.shape(), logits.shape()));
    }
    Tensor target = Gather.oneHot(targets, classes, ignoredTarget);
    Tensor wanted = target;
    if (labelSmoothing > 0) {
      Tensor even = target.sum(-1).reshape(Shape.of(targets.shape().size(0), 1));
      wanted = target.times(1 - labelSmoothing).plus(even.times(labelSmoothing / classes));
    }
    if (classWeights != null) {
      wanted = wanted.times(classWeights);
      target = target.times(classWeights);
    }
    // A masked class has a probability of 0, whose logarithm times 0 would be NaN.
    Tensor counting = Masks.keep(Softmax.logSoftmax(logits, -1), wanted);
    Tensor loss = counting.times(wanted).sum().negate();
    return loss.dividedBy(target.sum());
  }
}
