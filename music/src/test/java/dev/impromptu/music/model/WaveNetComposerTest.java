package dev.impromptu.music.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.io.Checkpoint;
import dev.impromptu.io.JsonException;
import dev.impromptu.io.JsonObject;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.sample.Sampler;
import dev.impromptu.music.sample.Sampling;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.Parameter;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaveNetComposerTest {
  private static final int TOKENS = 11;
  private static final int BATCH = 7;
  private static final int TIME = 9;
  private static final WaveNetComposer.Sizes SMALL =
      new WaveNetComposer.Sizes(TOKENS, 5, 6, 9, 2, 2, 3, 8, 0.2);

  private static WaveNetComposer model(Device device) {
    return new WaveNetComposer(device, SMALL, 3);
  }

  private static Tensor ids(Device device, long stream) {
    int[] ids = new PhiloxRandom(8, stream).ints(BATCH * TIME, 0, TOKENS).toArray();
    return Tensor.ofInts(device, Shape.of(BATCH, TIME), ids);
  }

  @Test
  void everyStandardSizeSeesAWholeWindow() {
    int window = DatasetOptions.DEFAULTS.contextLength();
    assertEquals(61, WaveNetComposer.Sizes.original(173).receptiveField());
    assertTrue(WaveNetComposer.Sizes.original(173).receptiveField() >= window);
    assertTrue(WaveNetComposer.Sizes.small(173).receptiveField() >= window);
    assertEquals(1 + 2 * 7, model(Device.cpu()).receptiveField());
  }

  @Test
  void theOriginalsSizesMakeSoManyParameters() {
    var model = new WaveNetComposer(Device.cpu(), WaveNetComposer.Sizes.original(173), 0);
    assertEquals(438_593, Module.parameterCount(model));
    assertEquals(173, model.vocabularySize());
  }

  @Test
  void itsPartsAreNamedForCheckpoints() {
    Set<String> parts = new HashSet<>();
    for (String name : Module.parameters(model(Device.cpu())).keySet()) {
      parts.add(name.substring(0, name.indexOf('.')));
    }
    assertEquals(
        Set.of(
            "embedding", "wavenet", "conv1", "conv2", "linear1", "linear2", "linear3", "linear4"),
        parts);
  }

  @Test
  void everyFieldThatHoldsAModuleIsVisited() throws IllegalAccessException {
    var model = model(Device.cpu());
    Set<Object> visited = new HashSet<>();
    model.visit(
        new Module.Visitor() {
          @Override
          public void parameter(String name, Parameter parameter) {
            visited.add(parameter);
          }

          @Override
          public void child(String name, Module module) {
            visited.add(module);
          }
        });
    Set<Object> held = new HashSet<>();
    for (Field field : WaveNetComposer.class.getDeclaredFields()) {
      field.setAccessible(true);
      if (field.get(model) instanceof Module module) {
        held.add(module);
      }
    }
    assertEquals(held, visited);
  }

  @Test
  void whatWasSavedIsLoadedToTheSameBits(@TempDir Path folder) throws IOException {
    var model = model(Device.cpu());
    Path place = folder.resolve("model");
    Checkpoint.save(place, model.architecture(), model, new Adam(model, 1e-3));

    var checkpoint = Checkpoint.open(place);
    SequenceModel loaded = Architectures.build(Device.cpu(), checkpoint.description(), 77);
    try (var _ = Scope.inference()) {
      Tensor ids = ids(Device.cpu(), 0);
      float[] expected = model.logits(ids, Mode.EVALUATION).toFloatArray();
      assertFalse(Arrays.equals(expected, loaded.logits(ids, Mode.EVALUATION).toFloatArray()));
      checkpoint.loadInto(loaded);
      assertArrayEquals(expected, loaded.logits(ids, Mode.EVALUATION).toFloatArray());
    }
  }

  @Test
  void anUnknownArchitectureIsNamed() {
    JsonObject json = JsonObject.builder().put("type", "gru").build();
    var error = assertThrows(JsonException.class, () -> Architectures.build(Device.cpu(), json, 0));
    assertTrue(
        error.getMessage().contains("expected \"lstm\" or \"wavenet\", met \"gru\""),
        error.getMessage());
  }

  private static List<Double> twentySteps(Device device) {
    var model = model(device);
    var adam = new Adam(model, 1e-2);
    List<Double> losses = new ArrayList<>();
    for (int step = 0; step < 20; step++) {
      try (var _ = Scope.open()) {
        Tensor logits = model.logits(ids(device, step), Mode.training(5, step));
        int[] next = new PhiloxRandom(8, 100 + step).ints(BATCH, 0, TOKENS).toArray();
        Tensor loss =
            CrossEntropy.crossEntropy(logits, Tensor.ofInts(device, Shape.of(BATCH), next));
        adam.step(loss.backward());
        losses.add(loss.item());
      }
    }
    return losses;
  }

  @Test
  void twentyTrainingStepsWithDropoutAgreeWithTheReference() {
    List<Double> expected = twentySteps(Device.reference());
    List<Double> met = twentySteps(Device.cpu());
    for (int step = 0; step < 20; step++) {
      assertEquals(expected.get(step), met.get(step), 1e-4, "step " + step);
    }
    assertEquals(met, twentySteps(Device.cpu()), "the same bits again");
  }

  /** The next token is the one seven before it: only a network that looks that far can tell. */
  @Test
  void itLearnsToRepeatWhatWasLongAgo() {
    Device device = Device.cpu();
    var sizes = new WaveNetComposer.Sizes(4, 8, 16, 32, 2, 1, 3, 32, 0);
    var model = new WaveNetComposer(device, sizes, 1);
    var adam = new Adam(model, 1e-3);
    int correct = 0;
    for (int step = 0; step < 400; step++) {
      try (var _ = Scope.open()) {
        int[] drawn = new PhiloxRandom(2, step).ints(32 * 8, 0, 4).toArray();
        int[] next = new int[32];
        for (int i = 0; i < next.length; i++) {
          next[i] = drawn[i * 8 + 1];
        }
        Tensor logits =
            model.logits(Tensor.ofInts(device, Shape.of(32, 8), drawn), Mode.training(1, step));
        adam.step(
            CrossEntropy.crossEntropy(logits, Tensor.ofInts(device, Shape.of(32), next))
                .backward());
        if (step >= 390) {
          int[] likeliest = logits.detach().argMax().toIntArray();
          for (int i = 0; i < next.length; i++) {
            correct += likeliest[i] == next[i] ? 1 : 0;
          }
        }
      }
    }
    assertTrue(correct > 0.95 * 320, correct + " of 320");
  }

  private static List<float[]> streamed(WaveNetComposer model, int[] tokens) {
    List<float[]> logits = new ArrayList<>();
    try (var _ = Scope.inference()) {
      TokenStream stream = model.stream(1);
      for (int token : tokens) {
        try (var _ = Scope.inference()) {
          logits.add(stream.next(Tensor.ofInts(Device.cpu(), Shape.of(1), token)).toFloatArray());
        }
      }
    }
    return logits;
  }

  @Test
  void aStreamSaysWhatReadingTheWholeSequenceSays() {
    var model = model(Device.cpu());
    int[] tokens = new PhiloxRandom(8, 0).ints(40, 0, TOKENS).toArray();
    List<float[]> streamed = streamed(model, tokens);
    try (var _ = Scope.inference()) {
      for (int length = 1; length <= tokens.length; length++) {
        int[] read = Arrays.copyOf(tokens, length);
        Tensor ids = Tensor.ofInts(Device.cpu(), Shape.of(1, length), read);
        assertArrayEquals(
            model.logits(ids, Mode.EVALUATION).toFloatArray(),
            streamed.get(length - 1),
            1e-5f,
            "after " + length);
      }
    }
  }

  /** Composing always the likeliest, by hand and from the whole piece. */
  @Test
  void composingStreamsAndHearsTheWholePrimer() {
    var model = model(Device.cpu());
    int[] primer = new PhiloxRandom(8, 1).ints(20, 0, TOKENS).toArray();
    int[] expected = Arrays.copyOf(primer, primer.length + 30);
    try (var _ = Scope.inference()) {
      for (int at = primer.length; at < expected.length; at++) {
        int[] read = Arrays.copyOf(expected, at);
        Tensor ids = Tensor.ofInts(Device.cpu(), Shape.of(1, at), read);
        expected[at] = model.logits(ids, Mode.EVALUATION).argMax().toIntArray()[0];
      }
    }
    var likeliest = new Sampler(new Sampling(0, 0, 1, 0, 0), 0);
    // A context of 3 would be too little to say the same.
    int[] piece = new Composer(model, Device.cpu(), 3).compose(primer, 30, likeliest, done -> {});
    assertArrayEquals(expected, piece);
  }
}
