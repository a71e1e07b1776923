package dev.impromptu.music.model;

import dev.impromptu.functional.Mode;
import dev.impromptu.functional.Softmax;
import dev.impromptu.music.data.Foreteller;
import dev.impromptu.music.data.Windows;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/**
 * A network that foretells windows.
 *
 * @param model foretells
 * @param device where it runs
 */
public record NetworkForeteller(SequenceModel model, Device device) implements Foreteller {
  @Override
  public float[] probabilities(Windows windows, int from, int to) {
    int context = windows.contextLength();
    int count = to - from;
    int[] contexts = new int[count * context];
    int[] unused = new int[windows.future()];
    for (int row = 0; row < count; row++) {
      windows.copy(from + row, contexts, row * context, unused, 0);
    }
    try (var _ = Scope.inference()) {
      Tensor ids = Tensor.ofInts(device, Shape.of(count, context), contexts);
      return Softmax.softmax(model.logits(ids, Mode.EVALUATION), -1).toFloatArray();
    }
  }
}
