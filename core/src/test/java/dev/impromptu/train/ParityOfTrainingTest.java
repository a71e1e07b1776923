package dev.impromptu.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.nn.Dropout;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A whole model on several devices, and from several threads. */
class ParityOfTrainingTest {
  private static final int TOKENS = 11;
  private static final int BATCH = 7;
  private static final int TIME = 9;

  private static final class Net implements Module {
    private final Device device;
    private final Embedding embedding;
    private final LSTM lstm;
    private final Linear head;
    private final Dropout dropout = new Dropout(0.3);

    Net(Device device) {
      var random = new PhiloxRandom(3);
      this.device = device;
      embedding = new Embedding(device, TOKENS, 6, random);
      lstm = new LSTM(device, 6, 10, 2, random);
      head = new Linear(device, 10, TOKENS, random);
    }

    @Override
    public void visit(Visitor visitor) {
      visitor.child("embedding", embedding);
      visitor.child("lstm", lstm);
      visitor.child("head", head);
    }

    Tensor logits(int[] ids, Mode mode) {
      Tensor x = Tensor.ofInts(device, Shape.of(ids.length / TIME, TIME), ids);
      Tensor last = lstm.forward(embedding.forward(x)).state().hidden().select(0, -1);
      return head.forward(dropout.forward(last, mode));
    }
  }

  private static int[] ids(int count, long stream) {
    return new PhiloxRandom(8, stream).ints(count, 0, TOKENS).toArray();
  }

  private static List<Double> tenSteps(Device device) {
    var net = new Net(device);
    var adam = new Adam(net, 1e-2);
    List<Double> losses = new ArrayList<>();
    for (int step = 0; step < 10; step++) {
      try (var _ = Scope.open()) {
        Tensor logits = net.logits(ids(BATCH * TIME, step), Mode.training(5, step));
        Tensor targets = Tensor.ofInts(device, Shape.of(BATCH), ids(BATCH, 100 + step));
        Tensor loss = CrossEntropy.crossEntropy(logits, targets);
        adam.step(loss.backward());
        losses.add(loss.item());
      }
    }
    return losses;
  }

  @Test
  void tenTrainingStepsWithDropoutAgreeWithTheReference() {
    List<Double> expected = tenSteps(Device.reference());
    List<Double> met = tenSteps(Device.cpu());
    for (int step = 0; step < 10; step++) {
      assertEquals(expected.get(step), met.get(step), 1e-4, "step " + step);
    }
  }

  @Test
  void trainingTwiceGivesTheSameBits() {
    assertEquals(tenSteps(Device.cpu()), tenSteps(Device.cpu()));
  }

  @Test
  void oneModelServesManyThreads() throws Exception {
    var net = new Net(Device.cpu());
    List<float[]> expected = new ArrayList<>();
    List<Callable<float[]>> calls = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int[] ids = ids(BATCH * TIME, i);
      Callable<float[]> call =
          () -> {
            try (var _ = Scope.inference()) {
              return net.logits(ids, Mode.EVALUATION).toFloatArray();
            }
          };
      expected.add(call.call());
      calls.add(call);
    }
    try (var pool = Executors.newFixedThreadPool(4)) {
      List<Future<float[]>> met = pool.invokeAll(calls);
      for (int i = 0; i < calls.size(); i++) {
        assertArrayEquals(expected.get(i), met.get(i).get());
      }
    }
  }
}
