package dev.impromptu.optim;

import java.util.function.Predicate;

/**
 * Parameters of a model that an optimizer treats in their own way; PyTorch's parameter groups. A
 * parameter belongs to the first group that names it, and to the optimizer's own settings where
 * none does.
 *
 * <pre>{@code
 * new AdamW(model, AdamW.Settings.of(1e-3), ParameterGroup.withoutDecay(n -> n.endsWith("bias")))
 * }</pre>
 *
 * @param names tells by its full name, such as {@code lstm.bias_ih_l0}, whether a parameter belongs
 *     here
 * @param rateScale its learning rate is the optimizer's, whatever a schedule makes of that,
 *     multiplied by this; 0 freezes them, as {@link #frozen} says
 * @param weightDecay its own weight decay, at least 0
 */
public record ParameterGroup(Predicate<String> names, double rateScale, double weightDecay) {
  /** Checks the ranges stated above. */
  public ParameterGroup {
    if (!(rateScale >= 0) || !(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "ParameterGroup: rate scale %s and weight decay %s must be at least 0"
              .formatted(rateScale, weightDecay));
    }
  }

  /**
   * Left as they are. The optimizer remembers nothing of such parameters and leaves them out of the
   * gradient's length; in {@link Optimizer#state} they have no entries, so a run that is continued
   * needs the same ones frozen. Which they are is settled when the optimizer is made.
   *
   * <p>Their gradients are still computed. Where whole layers at the beginning of a model are
   * frozen, {@code detach()} of what they give saves that too.
   */
  public static ParameterGroup frozen(Predicate<String> names) {
    return new ParameterGroup(names, 0, 0);
  }

  /** At the optimizer's own rate, without weight decay. */
  public static ParameterGroup withoutDecay(Predicate<String> names) {
    return new ParameterGroup(names, 1, 0);
  }
}
