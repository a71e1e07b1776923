package dev.impromptu.cuda;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What runs the LSTM; the methods are those of {@link dev.impromptu.backend.Backend}. */
interface LstmOperations extends AutoCloseable {
  /** What runs it and why, for people to read. */
  String description();

  int lstmReserve(LstmShape shape);

  void lstmForward(
      LstmShape shape,
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage y,
      LstmState last,
      Storage reserve);

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

  void lstmStep(
      LstmShape shape, Storage x, List<LstmWeights> weights, LstmState before, LstmState after);

  /** Gives back what was prepared, when the work of the stream has ended. */
  @Override
  default void close() {}
}
