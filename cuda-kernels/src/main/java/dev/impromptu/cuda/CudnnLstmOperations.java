package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.CudnnLstm;
import dev.impromptu.cuda.driver.CudnnLstmAlgorithm;
import dev.impromptu.cuda.driver.DeviceMemory;
import dev.impromptu.cuda.driver.DeviceSpan;
import dev.impromptu.cuda.driver.DriverContext;
import dev.impromptu.cuda.driver.Prepared;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The LSTM by cuDNN. Weights are copied into its own layout at every call, since they may have
 * changed. What it prepares for a shape is kept for the next call.
 *
 * <p>The backward needs the output, which it is not given, so the reserve holds cuDNN's reserve and
 * behind it a copy of the output.
 */
final class CudnnLstmOperations implements LstmOperations {
  private final CudaRuntime runtime;
  private final DriverContext context;
  private final Cudnn cudnn;
  private final Prepared<LstmShape, CudnnLstm> prepared;

  CudnnLstmOperations(CudaRuntime runtime, Cudnn cudnn) {
    this.runtime = runtime;
    context = runtime.context();
    this.cudnn = cudnn;
    prepared = new Prepared<>(context, shape -> prepare(runtime, cudnn, shape), CudnnLstm::close);
  }

  private static CudnnLstm prepare(CudaRuntime runtime, Cudnn cudnn, LstmShape shape) {
    return runtime
        .pool()
        .withRoom(
            "cuDNN was to be prepared for " + shape,
            () -> new CudnnLstm(cudnn, shape, runtime.precision(), CudnnLstmAlgorithm.STANDARD));
  }

  @Override
  public String description() {
    return "cuDNN, %s, as impromptu.cuda.lstm=cudnn says".formatted(cudnn.library());
  }

  @Override
  public int lstmReserve(LstmShape shape) {
    return Math.toIntExact(Math.addExact(reserveBytes(shape), outputBytes(shape)) / Float.BYTES);
  }

  @Override
  public void lstmForward(
      LstmShape shape,
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage y,
      LstmState last,
      Storage reserve) {
    synchronized (context) {
      CudnnLstm lstm = prepared.of(shape);
      try (DeviceMemory packed = scratch(lstm.weightBytes());
          DeviceMemory work = scratch(lstm.workspaceBytes(true))) {
        lstm.pack(layers(weights), packed.span());
        lstm.forward(
            true,
            packed.span(),
            floats(x).span(),
            state(initial),
            floats(y).span(),
            state(last),
            new CudnnLstm.Scratch(work.span(), keptReserve(shape, reserve)));
        keptOutput(shape, reserve).copyFrom(floats(y).span());
      }
    }
  }

  @Override
  public void lstmBackward(
      LstmShape shape,
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage reserve,
      @Nullable Storage dy,
      @Nullable LstmState dLast,
      @Nullable Storage dx,
      @Nullable LstmState dInitial,
      List<LstmWeights> dWeights) {
    synchronized (context) {
      CudnnLstm lstm = prepared.of(shape);
      try (DeviceMemory packed = scratch(lstm.weightBytes());
          DeviceMemory dPacked = scratch(lstm.weightBytes());
          DeviceMemory work = scratch(lstm.workspaceBytes(true));
          DeviceMemory reserved = scratch(reserveBytes(shape));
          DeviceMemory noDy = dy == null ? scratch(outputBytes(shape)) : null;
          DeviceMemory noDx = dx == null ? scratch(floats(x).span().bytes()) : null) {
        lstm.pack(layers(weights), packed.span());
        // cuDNN changes the reserve, but a backward may run again.
        reserved.span(0, reserveBytes(shape)).copyFrom(keptReserve(shape, reserve));
        DeviceSpan output = keptOutput(shape, reserve);
        var scratch = new CudnnLstm.Scratch(work.span(), reserved.span());
        lstm.backwardData(
            packed.span(),
            output,
            noDy == null ? floats(dy).span() : zeros(noDy),
            noDx == null ? floats(dx).span() : noDx.span(),
            state(initial),
            state(dLast),
            state(dInitial),
            scratch);
        lstm.backwardWeights(floats(x).span(), output, state(initial), dPacked.span(), scratch);
        lstm.unpack(dPacked.span(), layers(dWeights));
      }
    }
  }

  @Override
  public void lstmStep(
      LstmShape shape, Storage x, List<LstmWeights> weights, LstmState before, LstmState after) {
    synchronized (context) {
      CudnnLstm lstm = prepared.of(shape);
      try (DeviceMemory packed = scratch(lstm.weightBytes());
          DeviceMemory work = scratch(lstm.workspaceBytes(false));
          DeviceMemory y = scratch(outputBytes(shape))) {
        lstm.pack(layers(weights), packed.span());
        lstm.forward(
            false,
            packed.span(),
            floats(x).span(),
            state(before),
            y.span(),
            state(after),
            new CudnnLstm.Scratch(work.span(), null));
      }
    }
  }

  @Override
  public void close() {
    prepared.close();
  }

  private DeviceMemory scratch(long bytes) {
    return runtime.pool().allocate(Math.max(Float.BYTES, bytes));
  }

  private static DeviceSpan zeros(DeviceMemory memory) {
    memory.span().fill(0);
    return memory.span();
  }

  /** In whole elements. */
  private long reserveBytes(LstmShape shape) {
    return Math.ceilDiv(prepared.of(shape).reserveBytes(), Float.BYTES) * Float.BYTES;
  }

  private static long outputBytes(LstmShape shape) {
    return (long) Float.BYTES * shape.batch() * shape.time() * shape.hiddenSize();
  }

  private DeviceSpan keptReserve(LstmShape shape, Storage reserve) {
    return floats(reserve).span().slice(0, reserveBytes(shape));
  }

  private DeviceSpan keptOutput(LstmShape shape, Storage reserve) {
    return floats(reserve).span().slice(reserveBytes(shape), outputBytes(shape));
  }

  private static CudnnLstm.State state(@Nullable LstmState state) {
    return state == null
        ? CudnnLstm.State.NONE
        : new CudnnLstm.State(floats(state.hidden()).span(), floats(state.cell()).span());
  }

  private static List<CudnnLstm.Layer> layers(List<LstmWeights> weights) {
    return weights.stream()
        .map(
            layer ->
                new CudnnLstm.Layer(
                    floats(layer.inputWeight()).span(),
                    floats(layer.hiddenWeight()).span(),
                    floats(layer.inputBias()).span(),
                    floats(layer.hiddenBias()).span()))
        .toList();
  }
}
