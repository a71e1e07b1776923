package dev.impromptu.backend;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a device must be able to do, in families of operations.
 *
 * <p>The caller owns every storage, destinations included, and passes sizes that fit: shapes are
 * checked where tensors are. Elementwise methods may write over their own input. All tensors are
 * dense and row-major. A backend never falls back to another one. Every method is safe to call from
 * several threads as long as no two write the same storage.
 *
 * <p>A device that works on its own may report an index out of bounds, or any failure of its own,
 * at the next read from it.
 */
public interface Backend extends AutoCloseable {
  /** The name it is chosen by. */
  String name();

  /** What it runs on and what speeds it up, one short line an entry, for people to read. */
  List<String> description();

  // Memory

  /** New memory of unspecified content. */
  Storage allocate(DType type, int length);

  /** Takes back what {@link #allocate} gave. */
  void release(Storage storage);

  /** Host to device; as many elements as the target holds, likewise in the methods below. */
  void write(float[] source, Storage target);

  /** Host to device, rounded where the backend keeps fewer digits. */
  void write(double[] source, Storage target);

  /** Host to device, indices. */
  void write(int[] source, Storage target);

  /** Device to host. */
  void read(Storage source, float[] target);

  /** Device to host. */
  void read(Storage source, double[] target);

  /** Device to host, indices. */
  void read(Storage source, int[] target);

  /** Sets every element; rounded to an integer where the target holds indices. */
  void fill(Storage target, double value);

  /** Copies runs of elements; source and target are different memory of one type. */
  void copy(BlockCopy blocks, Storage source, Storage target);

  /**
   * Reorders axes: axis {@code i} of the target is axis {@code order[i]} of the source.
   *
   * @param shape sizes of the source's axes
   */
  void permute(int[] shape, int[] order, Storage source, Storage target);

  // Elementwise

  /** {@code y = f(x)}. */
  void unary(UnaryOp op, Storage x, Storage y);

  /** {@code dx = dy f'(x)}, given both the function's input and its output. */
  void unaryBackward(UnaryOp op, Storage x, Storage y, Storage dy, Storage dx);

  /** {@code y = scale x + shift}. */
  void affine(double scale, double shift, Storage x, Storage y);

  /** {@code out = left op right}, both spread to the common shape. */
  void binary(BinaryOp op, Broadcast broadcast, Storage left, Storage right, Storage out);

  /**
   * Sets elements to zero with probability {@code rate} and divides the others by {@code 1 - rate}.
   * Element {@code i} is kept where word {@code i % 4} of the Philox block with counter {@code (i /
   * 4, call, low step, high step)} and key {@code (low seed, high seed)}, taken as a 24-bit
   * fraction, is at least {@code rate}. Applied to an output's gradient with the same key, it is
   * its own backward.
   */
  void dropout(double rate, PhiloxKey key, Storage x, Storage y);

  // Reductions and indices

  /** {@code [outer, length, inner] -> [outer, inner]}. */
  void reduce(ReduceOp op, Reduction reduction, Storage x, Storage y);

  /** The index of the greatest of each {@code columns} elements; the first where several are. */
  void argMax(int columns, Storage x, Storage indices);

  /**
   * {@code out[i] = table[ids[i]]} for rows of {@code width} elements.
   *
   * @throws IndexOutOfBoundsException when an id has no row
   */
  void gatherRows(int width, Storage table, Storage ids, Storage out);

  /** {@code table[ids[i]] += rows[i]}, in the order of {@code i}. */
  void scatterAddRows(int width, Storage ids, Storage rows, Storage table);

  /**
   * {@code out[o, k, i] = x[o, ids[o, k, i], i]}, for {@code x [outer, length, inner]} and ids of
   * any number {@code k} along that axis.
   *
   * @throws IndexOutOfBoundsException when an id is no place of the axis
   */
  void gatherAlong(Reduction axis, Storage x, Storage ids, Storage out);

  /** {@code target[o, ids[o, k, i], i] += values[o, k, i]}, in the order of {@code k}. */
  void scatterAddAlong(Reduction axis, Storage ids, Storage values, Storage target);

  /**
   * For each id a row of zeros with a 1 at its place; a row of zeros alone for one that is ignored.
   *
   * @param classes length of a row
   * @param ignored the id that is none; absent where every id must be a class
   * @throws IndexOutOfBoundsException when another id is no class
   */
  void oneHot(int classes, OptionalInt ignored, Storage ids, Storage out);

  // Products

  /** {@code C = op(A) op(B)}, batched. */
  void matmul(Matmul shape, Storage a, Storage b, Storage c);

  // Fused operations

  /**
   * Softmax and negative log likelihood of each row of {@code [rows, classes]}.
   *
   * @param probabilities {@code [rows, classes]}, written: needed by the backward
   * @param losses {@code [rows]}, written
   * @throws IndexOutOfBoundsException when a target is no class
   */
  void crossEntropy(
      int classes, Storage logits, Storage targets, Storage probabilities, Storage losses);

  /** {@code dLogits = dLosses (probabilities - onehot(targets))}. */
  void crossEntropyBackward(
      int classes, Storage probabilities, Storage targets, Storage dLosses, Storage dLogits);

  /**
   * Each row of {@code [rows, width]} shifted and scaled to mean 0 and variance 1 (of the
   * population), then by parameters (Ba et al., "Layer normalization", 2016): {@code y = (x - mean)
   * / sqrt(variance + epsilon) weight + bias}. A mean far from 0 costs no digits.
   *
   * @param epsilon 0 or more
   * @param x {@code [rows, width]}
   * @param weight {@code [width]}
   * @param bias {@code [width]}
   * @param y {@code [rows, width]}, written, in other memory than what is read
   * @param moments {@code [rows, 3]}, written: of each row the mean, what its rounding left out,
   *     and {@code 1 / sqrt(variance + epsilon)}; needed by the backward
   */
  void layerNorm(
      double epsilon, Storage x, Storage weight, Storage bias, Storage y, Storage moments);

  /**
   * The gradients of {@link #layerNorm}; those of the parameters are sums over the rows in an order
   * that follows from the shape alone.
   *
   * @param x {@code [rows, width]}, as in the forward
   * @param weight {@code [width]}
   * @param moments {@code [rows, 3]}, what the forward kept
   * @param dy {@code [rows, width]}
   * @param dx {@code [rows, width]}, written unless absent, in other memory than what is read
   * @param dWeight {@code [width]}, written
   * @param dBias {@code [width]}, written
   */
  void layerNormBackward(
      Storage x,
      Storage weight,
      Storage moments,
      Storage dy,
      @Nullable Storage dx,
      Storage dWeight,
      Storage dBias);

  /** How many elements {@link #lstmForward} wants to keep for {@link #lstmBackward}. */
  int lstmReserve(LstmShape shape);

  /**
   * A stack of LSTM layers over whole sequences (Hochreiter and Schmidhuber 1997, in the form of
   * PyTorch's {@code nn.LSTM}).
   *
   * @param x {@code [batch, time, input]}
   * @param weights one entry a layer
   * @param initial the state before the first step; zeros when absent
   * @param y {@code [batch, time, hidden]}, written: the last layer's output
   * @param last written: every layer's state after the last step
   * @param reserve {@link #lstmReserve} elements, written
   */
  void lstmForward(
      LstmShape shape,
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage y,
      LstmState last,
      Storage reserve);

  /**
   * The gradients of {@link #lstmForward}.
   *
   * @param x {@code [batch, time, input]}, as in the forward
   * @param reserve what the forward kept
   * @param dy gradient of {@code y}; zeros when absent
   * @param dLast gradient of the last state; zeros when absent
   * @param dx {@code [batch, time, input]}, written unless absent
   * @param dInitial gradient of the initial state, written unless absent
   * @param dWeights one entry a layer, written
   */
  void lstmBackward(
      LstmShape shape,
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage reserve,
      @Nullable Storage dy,
      @Nullable LstmState dLast,
      @Nullable Storage dx,
      @Nullable LstmState dInitial,
      List<LstmWeights> dWeights);

  /**
   * One step of the stack, without what a backward would need.
   *
   * @param shape of time 1
   * @param x {@code [batch, input]}
   * @param weights one entry a layer
   * @param before the state before the step
   * @param after written: the state after it, in other memory; the last layer's hidden state is the
   *     output
   */
  void lstmStep(
      LstmShape shape, Storage x, List<LstmWeights> weights, LstmState before, LstmState after);

  /**
   * The causal dilated convolution (van den Oord et al., "WaveNet", 2016; PyTorch's {@code
   * functional.conv1d} on an input padded with {@code history} zeros in front): {@code y[b, t, o] =
   * bias[o] + added[b, t, o] + sum over c, j of weight[o, c, j] x[b, t - (kernel - 1 - j) dilation,
   * c]}, where x is zero before the first step.
   *
   * @param x {@code [batch, time, in]}
   * @param weight {@code [out, in, kernel]}
   * @param bias {@code [out]}; zeros when absent
   * @param added {@code [batch, time, out]}, such as a residual connection; zeros when absent
   * @param y {@code [batch, time, out]}, written, in other memory than what is read
   */
  void causalConv1d(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      @Nullable Storage added,
      Storage y);

  /**
   * The gradient of {@link #causalConv1d} with respect to its input.
   *
   * @param dy {@code [batch, time, out]}
   * @param weight {@code [out, in, kernel]}
   * @param added {@code [batch, time, in]}: the gradient that other uses of the input have given;
   *     zeros when absent
   * @param dx {@code [batch, time, in]}, written, in other memory than what is read
   */
  void causalConv1dBackwardInput(
      ConvShape shape, Storage dy, Storage weight, @Nullable Storage added, Storage dx);

  /**
   * The gradients of {@link #causalConv1d} with respect to its parameters, sums over batch and time
   * in an order that follows from the shape alone.
   *
   * @param x {@code [batch, time, in]}, as in the forward
   * @param dy {@code [batch, time, out]}
   * @param dWeight {@code [out, in, kernel]}, written
   * @param dBias {@code [out]}, written unless absent
   */
  void causalConv1dBackwardWeight(
      ConvShape shape, Storage x, Storage dy, Storage dWeight, @Nullable Storage dBias);

  /**
   * One step of {@link #causalConv1d} on sequences that arrive step by step: the same output as the
   * whole convolution has at that step. No gradient.
   *
   * @param shape {@code time} is 1
   * @param x {@code [batch, in]}
   * @param weight {@code [out, in, kernel]}
   * @param bias {@code [out]}; zeros when absent
   * @param ring {@code [batch, max(1, history), in]}, zeros before the first step: slot {@code p
   *     mod history} holds the input of step {@code p}. The taps are read from it, then x replaces
   *     the oldest. Not touched where history is 0
   * @param position number of this step, from 0
   * @param y {@code [batch, out]}, written
   */
  void causalConv1dStep(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      Storage ring,
      int position,
      Storage y);

  /**
   * {@link #causalConv1d} with WaveNet's gate: of {@code out = 2 C} channels the first {@code C}
   * are the filter and the others the gate, and {@code y = tanh(filter) sigmoid(gate)}.
   *
   * @param x {@code [batch, time, in]}
   * @param weight {@code [2 C, in, kernel]}
   * @param bias {@code [2 C]}; zeros when absent
   * @param gates {@code [batch, time, 2 C]}, written: {@code tanh(filter)} and {@code
   *     sigmoid(gate)}, needed by the backward
   * @param y {@code [batch, time, C]}, written
   */
  void gatedConv1d(
      ConvShape shape, Storage x, Storage weight, @Nullable Storage bias, Storage gates, Storage y);

  /**
   * The gradient of {@link #gatedConv1d} before its nonlinearities. {@link
   * #causalConv1dBackwardInput} and {@link #causalConv1dBackwardWeight} make the others of it.
   *
   * @param gates {@code [batch, time, 2 C]}, what the forward kept
   * @param dy {@code [batch, time, C]}
   * @param dPre {@code [batch, time, 2 C]}, written
   */
  void gatedConv1dBackward(ConvShape shape, Storage gates, Storage dy, Storage dPre);

  // Optimizers

  /**
   * The Euclidean length of all elements together.
   *
   * @param parts any number of storages
   * @param norm one element, written
   */
  void norm(List<Storage> parts, Storage norm);

  /** Updates all parameters of a group at once. */
  void adam(AdamStep step, List<AdamSlot> slots);

  /** Updates all parameters of a group at once. */
  void sgd(SgdStep step, List<SgdSlot> slots);

  /** Updates all parameters of a group at once. */
  void rmsProp(RmsPropStep step, List<RmsPropSlot> slots);

  // Recording

  /**
   * Records what {@code work} would do, without doing it, where this device can replay work faster
   * than it is told of it. While it runs nothing can be read from the device; memory that {@code
   * work} allocates belongs to the recording until that is closed.
   *
   * @param first the values that {@code work} names in its keys and steps
   * @param work calls this backend from the calling thread alone
   * @return absent, and {@code work} was not called, where the device computes at once
   */
  Optional<Recording> record(StepValues first, Runnable work);

  @Override
  void close();
}
