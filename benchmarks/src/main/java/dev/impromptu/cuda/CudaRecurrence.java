package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.DriverContext;

/**
 * What of one LSTM layer goes from step to step, from a zero state and without the products around
 * it. A library user never calls it apart from those.
 */
public final class CudaRecurrence {
  private final LstmShape shape;
  private final LstmRecurrence recurrence;

  /**
   * As the backend would run it.
   *
   * @param backend made by {@link CudaBackends}, whose LSTM our own kernels compute
   * @param shape of one layer
   * @throws IllegalArgumentException where another library computes the LSTM
   */
  public CudaRecurrence(Backend backend, LstmShape shape) {
    if (!(((CudaBackend) backend).lstm() instanceof CudaLstm lstm)) {
      throw new IllegalArgumentException(
          "the recurrence can be timed apart with -Dimpromptu.cuda.lstm=kernel alone");
    }
    this.shape = shape;
    recurrence = lstm.recurrence(shape);
  }

  /**
   * Whether each step is a product of its own, in the precision of the device where it is large;
   * otherwise the recurrence computes in 32 bits whatever that is.
   */
  public static boolean multiplies(DriverContext context, LstmShape shape) {
    LstmPath path = LstmPath.of(shape.batch(), shape.hiddenSize(), LstmPath.Chip.of(context));
    return path.way() == LstmPath.Way.PRODUCT;
  }

  /**
   * From the product with the input to the outputs.
   *
   * @param weights of which those of the input are not read
   * @param gates {@code [batch, time, 4 hidden]}: the product, replaced by the activated gates
   * @param cells {@code [batch, time, hidden]}, written
   * @param before {@code [batch, time, hidden]}, written: the hidden state each step began with
   * @param y {@code [batch, time, hidden]}, written
   * @param last written
   */
  public void forward(
      LstmWeights weights,
      Storage gates,
      Storage cells,
      Storage before,
      Storage y,
      LstmState last) {
    recurrence.forward(
        new LstmRecurrence.Forward(
            LstmRecurrence.Sizes.of(shape),
            floats(weights.hiddenWeight()),
            floats(weights.inputBias()),
            floats(weights.hiddenBias()),
            null,
            floats(gates),
            floats(cells),
            floats(before),
            floats(y),
            LstmRecurrence.State.ofPresent(last, shape, 0)));
  }

  /**
   * From the gradients of the outputs to those of the gates' sums.
   *
   * @param gates as the forward left them
   * @param cells as the forward wrote them
   * @param dy {@code [batch, time, hidden]}
   * @param dGates {@code [batch, time, 4 hidden]}, written
   */
  public void backward(
      LstmWeights weights, Storage gates, Storage cells, Storage dy, Storage dGates) {
    recurrence.backward(
        new LstmRecurrence.Backward(
            LstmRecurrence.Sizes.of(shape),
            floats(weights.hiddenWeight()),
            null,
            floats(gates),
            floats(cells),
            floats(dy),
            null,
            floats(dGates),
            null));
  }
}
