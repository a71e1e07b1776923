package dev.impromptu.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.data.Examples;
import dev.impromptu.data.HostTensor;
import dev.impromptu.data.Shuffle;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.SGD;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One step in several parts. */
class BatchingTest {
  /** An example is its number. */
  private record Numbers(int size) implements Examples<int[]> {
    @Override
    public int[] batch(int[] indices) {
      return indices;
    }
  }

  private static final class Classifier implements RecordableObjective<int[]> {
    private final Device device;
    private final Linear layer;
    private final List<PhiloxKey> keys = new ArrayList<>();
    private final List<Integer> askedFor = new ArrayList<>();

    Classifier(Device device) {
      this.device = device;
      layer = new Linear(device, 3, 2, new PhiloxRandom(1));
    }

    @Override
    public Device device() {
      return device;
    }

    @Override
    public List<HostTensor> inputs(int[] numbers) {
      askedFor.add(numbers.length);
      float[] x = new float[3 * numbers.length];
      for (int i = 0; i < x.length; i++) {
        x[i] = new PhiloxRandom(4, numbers[i / 3] * 3L + i % 3).nextFloat();
      }
      int[] y = Arrays.stream(numbers).map(number -> number % 2).toArray();
      return List.of(
          new HostTensor.Values(Shape.of(numbers.length, 3), x),
          new HostTensor.Indices(Shape.of(y.length), y));
    }

    @Override
    public Judged judge(List<Tensor> inputs, Mode mode) {
      if (mode.isTraining()) {
        keys.add(mode.nextKey());
      }
      Tensor logits = layer.forward(inputs.getFirst());
      return new Judged(CrossEntropy.crossEntropy(logits, inputs.getLast()), inputs.getLast());
    }

    @Override
    public int correct(int[] numbers, int[] predictions) {
      return 1;
    }

    double[] weights() {
      return Module.parameters(layer).get("weight").value().toDoubleArray();
    }
  }

  private static Classifier trained(Device device, Batching batching, int examples) {
    var classifier = new Classifier(device);
    var sgd = new SGD(classifier.layer, SGD.Settings.of(0.5).withMomentum(0.9));
    var trainer = new Trainer<int[]>(sgd, batching, 7, TrainingState.START, List.of());
    trainer.fit(classifier, new Numbers(examples), new Numbers(2), 2);
    assertEquals(6, sgd.steps());
    assertEquals(examples, trainer.state().history().getLast().training().examples());
    return classifier;
  }

  /** The last step of an epoch has 7 examples, a whole part and one of 3, or 4, one part alone. */
  @ParameterizedTest
  @ValueSource(ints = {31, 28})
  void aStepInPartsIsThatOfTheWholeBatch(int examples) {
    for (Device device : List.of(Device.reference(), Device.cpu())) {
      double[] whole = trained(device, Batching.of(12), examples).weights();
      double[] parts = trained(device, Batching.of(12).inParts(3), examples).weights();
      assertArrayEquals(whole, parts, device == Device.reference() ? 1e-13 : 1e-6, device.name());
    }
  }

  /** A step that is recorded asks for its inputs before it runs. */
  @Test
  void aStepInPartsIsNotRecordedEvenWhereItHasOnePart() {
    List<Integer> epoch = List.of(4, 4, 4, 4, 4, 4, 4, 2);
    assertEquals(
        Stream.concat(epoch.stream(), epoch.stream()).toList(),
        trained(Device.cpu(), Batching.of(12).inParts(3), 28).askedFor);
  }

  @Test
  void everyEpochHasItsOwnOrderOfTheSeed() {
    List<Integer> asked = new ArrayList<>();
    Examples<int[]> watched =
        new Examples<>() {
          @Override
          public int size() {
            return 31;
          }

          @Override
          public int[] batch(int[] indices) {
            Arrays.stream(indices).forEach(asked::add);
            return indices;
          }
        };
    var classifier = new Classifier(Device.reference());
    var sgd = new SGD(classifier.layer, SGD.Settings.of(0.5));
    new Trainer<int[]>(sgd, 12, 7, TrainingState.START, List.of())
        .fit(classifier, watched, new Numbers(2), 3);
    assertEquals(
        IntStream.range(0, 3)
            .flatMap(epoch -> Arrays.stream(Shuffle.shuffled(31, 7, epoch)))
            .boxed()
            .toList(),
        asked);
  }

  @Test
  void everyPartDrawsItsOwnDropout() {
    List<PhiloxKey> keys = trained(Device.cpu(), Batching.of(12).inParts(3), 31).keys;
    assertEquals(2 * (3 + 3 + 2), keys.size());
    assertEquals(keys.size(), new HashSet<>(keys).size());
  }

  @Test
  void partsThatAreNotEqualAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Batching.of(12).inParts(5));
    assertThrows(IllegalArgumentException.class, () -> Batching.of(12).inParts(0));
    assertThrows(IllegalArgumentException.class, () -> Batching.of(0));
  }
}
