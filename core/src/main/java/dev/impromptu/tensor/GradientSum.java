package dev.impromptu.tensor;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.Broadcast;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * A weighted sum of the gradients of several losses, such as those of the parts of a batch too
 * large for the device. It lives in the scope in which it was made; each part may live in one of
 * its own inside.
 */
public final class GradientSum {
  private final Scope scope;
  private final Map<Tensor, Tensor> sums = new IdentityHashMap<>();

  /** An empty sum in the innermost open scope of this thread. */
  public GradientSum() {
    scope = Scope.current();
  }

  /**
   * Adds one loss's gradients.
   *
   * @param weight they are multiplied by it
   */
  public void add(Gradients gradients, double weight) {
    gradients.forEach(
        (leaf, gradient) -> {
          Tensor weighted = Primitives.affine(weight, 0, gradient);
          Tensor known = sums.get(leaf);
          if (known == null) {
            sums.put(leaf, weighted.detachedIn(scope));
          } else {
            // In place: nobody else holds a sum before it is complete.
            int[] size = {known.shape().elements()};
            int[] stride = {1};
            Backend backend = known.device().backend();
            backend.binary(
                BinaryOp.ADD,
                new Broadcast(size, stride, stride),
                known.storage(),
                weighted.storage(),
                known.storage());
          }
          weighted.close();
        });
  }

  /** What was added so far, to hand to an optimizer. */
  public Gradients total() {
    return new Gradients(sums);
  }
}
