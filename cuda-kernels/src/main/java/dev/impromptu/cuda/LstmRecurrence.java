package dev.impromptu.cuda;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import org.jspecify.annotations.Nullable;

/**
 * What of an LSTM layer goes from step to step: forwards from the product with the input to the
 * outputs, backwards from their gradients to those of the gates.
 */
interface LstmRecurrence {
  /**
   * The state of one layer, or its gradient.
   *
   * @param hidden {@code [batch, hidden]}
   * @param cell {@code [batch, hidden]}
   */
  record State(CudaStorage hidden, CudaStorage cell) {
    /** One layer's part of a whole stack's. */
    static @Nullable State of(@Nullable LstmState stack, LstmShape shape, int layer) {
      return stack == null ? null : ofPresent(stack, shape, layer);
    }

    static State ofPresent(LstmState stack, LstmShape shape, int layer) {
      int size = shape.batch() * shape.hiddenSize();
      return new State(
          CudaStorage.floats(stack.hidden()).slice(layer * size, size),
          CudaStorage.floats(stack.cell()).slice(layer * size, size));
    }
  }

  /** The sizes of one layer's recurrence. */
  record Sizes(int batch, int time, int hidden) {
    static Sizes of(LstmShape shape) {
      return new Sizes(shape.batch(), shape.time(), shape.hiddenSize());
    }
  }

  /**
   * What the forward of a layer works on.
   *
   * @param hiddenWeight {@code [4 hidden, hidden]}
   * @param inputBias {@code [4 hidden]}
   * @param hiddenBias {@code [4 hidden]}
   * @param initial the state before the first step; zeros when absent
   * @param gates {@code [batch, time, 4 hidden]}: the product with the input, replaced by the
   *     activated gates
   * @param cells {@code [batch, time, hidden]}, written
   * @param before {@code [batch, time, hidden]}, written: the hidden state that each step began
   *     with
   * @param out {@code [batch, time, hidden]}, written
   * @param last the state after the last step, written
   */
  record Forward(
      Sizes sizes,
      CudaStorage hiddenWeight,
      CudaStorage inputBias,
      CudaStorage hiddenBias,
      @Nullable State initial,
      CudaStorage gates,
      CudaStorage cells,
      CudaStorage before,
      CudaStorage out,
      State last) {}

  /**
   * What the backward of a layer works on.
   *
   * @param hiddenWeight {@code [4 hidden, hidden]}
   * @param initial as in the forward
   * @param gates the activated ones
   * @param cells as the forward wrote them
   * @param dy {@code [batch, time, hidden]}; zeros when absent
   * @param dLast gradient of the last state; zeros when absent
   * @param dGates {@code [batch, time, 4 hidden]}, written: the gradients of the gates' sums
   * @param dInitial written unless absent
   */
  record Backward(
      Sizes sizes,
      CudaStorage hiddenWeight,
      @Nullable State initial,
      CudaStorage gates,
      CudaStorage cells,
      @Nullable CudaStorage dy,
      @Nullable State dLast,
      CudaStorage dGates,
      @Nullable State dInitial) {}

  void forward(Forward layer);

  void backward(Backward layer);
}
