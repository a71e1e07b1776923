package dev.impromptu.music.model;

import dev.impromptu.data.Examples;
import dev.impromptu.music.data.Windows;

/**
 * The windows of a data set as examples to train on.
 *
 * @param windows where they come from
 */
public record WindowExamples(Windows windows) implements Examples<WindowBatch> {
  @Override
  public int size() {
    return windows.size();
  }

  @Override
  public WindowBatch batch(int[] indices) {
    int context = windows.contextLength();
    int future = windows.future();
    int[] x = new int[indices.length * context];
    int[] between = new int[indices.length * windows.skipped()];
    int[] y = new int[indices.length * future];
    boolean[] earlier = new boolean[indices.length * (future - 1)];
    for (int i = 0; i < indices.length; i++) {
      windows.copy(indices[i], x, i * context, y, i * future);
      windows.copyBetween(indices[i], between, i * windows.skipped());
      for (int tokens = 1; tokens < future; tokens++) {
        earlier[i * (future - 1) + tokens - 1] = windows.hasEarlier(indices[i], tokens);
      }
    }
    return new WindowBatch(indices.length, context, future, x, between, y, earlier);
  }
}
