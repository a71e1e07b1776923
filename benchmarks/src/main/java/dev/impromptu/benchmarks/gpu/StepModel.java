package dev.impromptu.benchmarks.gpu;

import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.SequenceModel;
import dev.impromptu.music.model.WaveNetComposer;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.tensor.Device;

/**
 * The original project's two models and what they learn from; {@code torch_step.py} has the same.
 */
enum StepModel {
  LSTM {
    @Override
    SequenceModel on(Device device, boolean tiny) {
      var sizes =
          tiny
              ? new LstmComposer.Sizes(VOCABULARY, 8, 16, 2, 8, 0.2)
              : LstmComposer.Sizes.original(VOCABULARY);
      return new LstmComposer(device, sizes, 1);
    }
  },
  WAVENET {
    @Override
    SequenceModel on(Device device, boolean tiny) {
      var sizes =
          tiny
              ? new WaveNetComposer.Sizes(VOCABULARY, 8, 8, 8, 2, 1, 2, 8, 0.2)
              : WaveNetComposer.Sizes.original(VOCABULARY);
      return new WaveNetComposer(device, sizes, 1);
    }
  };

  private static final int VOCABULARY = 173;
  private static final int CONTEXT = 32;
  private static final int TINY_CONTEXT = 4;

  /**
   * Makes one, always with the same first values.
   *
   * @param tiny to try the harness, where nothing is fast
   */
  abstract SequenceModel on(Device device, boolean tiny);

  /** Windows of tokens that look random and are the same everywhere. */
  static WindowBatch windows(int size, boolean tiny) {
    int context = tiny ? TINY_CONTEXT : CONTEXT;
    int[] x = new int[size * context];
    for (int i = 0; i < x.length; i++) {
      x[i] = token(i);
    }
    int[] y = new int[size];
    for (int i = 0; i < size; i++) {
      y[i] = token(x.length + i);
    }
    return new WindowBatch(size, context, 1, x, new int[0], y, new boolean[0]);
  }

  private static int token(long i) {
    return (int) ((i * i * 7919 + 31 * i) % 65521 % VOCABULARY);
  }
}
