package dev.impromptu.music.model;

import dev.impromptu.functional.Mode;
import dev.impromptu.io.JsonObject;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Foretells the number after the last one, round and round; it learns nothing and remembers what it
 * was asked.
 */
final class Counting implements SequenceModel {
  static final int NUMBERS = 4;

  /** The logit of the number after the last one; all others have 0. */
  static final double SURE = 2;

  private final List<List<Integer>> asked = new ArrayList<>();

  /** Contexts of all rows, in order. */
  List<List<Integer>> asked() {
    return asked;
  }

  @Override
  public int vocabularySize() {
    return NUMBERS;
  }

  @Override
  public Tensor logits(Tensor ids, Mode mode) {
    int[] numbers = ids.toIntArray();
    int rows = ids.shape().size(0);
    int length = numbers.length / rows;
    float[] logits = new float[rows * NUMBERS];
    for (int row = 0; row < rows; row++) {
      int[] context = Arrays.copyOfRange(numbers, row * length, (row + 1) * length);
      asked.add(Arrays.stream(context).boxed().toList());
      logits[row * NUMBERS + (context[length - 1] + 1) % NUMBERS] = (float) SURE;
    }
    return Tensor.of(Device.best(), Shape.of(rows, NUMBERS), logits);
  }

  @Override
  public Tensor logitsThroughout(Tensor ids, Mode mode) {
    return logits(ids.reshape(Shape.of(ids.shape().elements(), 1)), mode);
  }

  @Override
  public Continuation begin(Tensor ids, Mode mode) {
    return Reread.from(this, ids, mode, Integer.MAX_VALUE);
  }

  @Override
  public JsonObject architecture() {
    return JsonObject.builder().build();
  }

  @Override
  public void visit(Visitor visitor) {}
}
