package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.random;
import static dev.impromptu.backend.reference.Values.values;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Everything an LSTM reads, drawn at random. */
final class LstmProblem {
  final LstmShape shape;
  final Storage x;
  final List<LstmWeights> weights = new ArrayList<>();
  final LstmState initial;

  LstmProblem(LstmShape shape, long seed) {
    var random = new Random(seed);
    this.shape = shape;
    this.x = draw(random, shape.batch() * shape.time() * shape.inputSize());
    int h = shape.hiddenSize();
    for (int layer = 0; layer < shape.layers(); layer++) {
      weights.add(
          new LstmWeights(
              draw(random, 4 * h * shape.inputSize(layer)),
              draw(random, 4 * h * h),
              draw(random, 4 * h),
              draw(random, 4 * h)));
    }
    this.initial = new LstmState(draw(random, stateSize()), draw(random, stateSize()));
  }

  static Storage draw(Random random, int length) {
    return values(random(random, length));
  }

  int stateSize() {
    return shape.layers() * shape.batch() * shape.hiddenSize();
  }

  Outputs forward(boolean withInitial) {
    var out =
        new Outputs(
            empty(shape.batch() * shape.time() * shape.hiddenSize()),
            new LstmState(empty(stateSize()), empty(stateSize())),
            empty(BACKEND.lstmReserve(shape)));
    BACKEND.lstmForward(
        shape, x, weights, withInitial ? initial : null, out.y, out.last, out.reserve);
    return out;
  }

  record Outputs(Storage y, LstmState last, Storage reserve) {}

  static Stream<LstmShape> shapes() {
    return Stream.of(
        new LstmShape(1, 1, 1, 1, 1),
        new LstmShape(2, 3, 5, 3, 1),
        new LstmShape(1, 4, 2, 7, 2),
        new LstmShape(3, 2, 1, 3, 3),
        new LstmShape(2, 5, 3, 2, 3));
  }
}
