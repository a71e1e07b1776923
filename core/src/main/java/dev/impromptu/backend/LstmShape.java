package dev.impromptu.backend;

/**
 * The sizes of a stack of LSTM layers over a sequence.
 *
 * @param batch sequences computed together
 * @param time steps
 * @param inputSize features of the first layer's input
 * @param hiddenSize features of every layer's output
 * @param layers height of the stack
 */
public record LstmShape(int batch, int time, int inputSize, int hiddenSize, int layers) {
  /** Features of the input of {@code layer}. */
  public int inputSize(int layer) {
    return layer == 0 ? inputSize : hiddenSize;
  }
}
