package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.ReferenceStorage.doubles;
import static dev.impromptu.backend.reference.ReferenceStorage.ints;

import dev.impromptu.backend.Storage;
import java.util.Locale;

/** Softmax and negative log likelihood of rows. */
final class ReferenceCrossEntropy {
  private ReferenceCrossEntropy() {}

  static void forward(
      int classes, Storage logits, Storage targets, Storage probabilities, Storage losses) {
    var x = doubles(logits);
    var p = doubles(probabilities);
    for (int row = 0; row < targets.length(); row++) {
      int first = row * classes;
      int target = checkTarget("crossEntropy", ints(targets).get(row), row, classes);
      // With the greatest logit subtracted no exponential overflows, and one of them is 1.
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < classes; j++) {
        max = Math.max(max, x.get(first + j));
      }
      double sum = 0;
      for (int j = 0; j < classes; j++) {
        sum += Math.exp(x.get(first + j) - max);
      }
      doubles(losses).set(row, Math.log(sum) - (x.get(first + target) - max));
      for (int j = 0; j < classes; j++) {
        p.set(first + j, Math.exp(x.get(first + j) - max) / sum);
      }
    }
  }

  static void backward(
      int classes, Storage probabilities, Storage targets, Storage dLosses, Storage dLogits) {
    var p = doubles(probabilities);
    var dx = doubles(dLogits);
    for (int row = 0; row < targets.length(); row++) {
      int target = checkTarget("crossEntropyBackward", ints(targets).get(row), row, classes);
      double dLoss = doubles(dLosses).get(row);
      for (int j = 0; j < classes; j++) {
        double onehot = j == target ? 1 : 0;
        dx.set(row * classes + j, dLoss * (p.get(row * classes + j) - onehot));
      }
    }
  }

  private static int checkTarget(String operation, int target, int row, int classes) {
    if (target < 0 || target >= classes) {
      throw new IndexOutOfBoundsException(
          String.format(
              Locale.ROOT,
              "%s: target %d of row %d is none of %d classes",
              operation,
              target,
              row,
              classes));
    }
    return target;
  }
}
