package dev.impromptu.examples.numbered;

import static dev.impromptu.functional.CrossEntropy.crossEntropy;

import dev.impromptu.functional.Lstm;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A character language model: an LSTM learns a short poem letter by letter and then writes lines of
 * its own.
 *
 * <p>Run it: {@code java -cp "examples/target/impromptu/lib/*:examples/target/impromptu/*"
 * dev.impromptu.examples.numbered.Example05Characters}
 */
public final class Example05Characters {
  private static final int BATCH = 16;
  private static final int TIME = 48;
  private static final int HIDDEN = 96;
  private static final Device DEVICE = Device.best();

  private final String text;
  private final String letters;
  private final Embedding embedding;
  private final LSTM lstm;
  private final Linear head;

  /** A model of the letters of a text, not trained yet. */
  Example05Characters(String text) {
    this.text = text;
    letters =
        text.chars()
            .distinct()
            .sorted()
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    var random = new PhiloxRandom(5);
    embedding = new Embedding(DEVICE, letters.length(), 16, random);
    lstm = new LSTM(DEVICE, 16, HIDDEN, 1, random);
    head = new Linear(DEVICE, HIDDEN, letters.length(), random);
  }

  /** Trains and samples. */
  public static void main(String[] args) throws IOException {
    var model = new Example05Characters(poem());
    System.out.printf(
        "nats a letter: %.3f after training, %.3f if all were as likely%n",
        model.train(300), Math.log(model.letters.length()));
    System.out.println(model.write("the ", 300, 0.6, 1));
  }

  /** The poem that ships with this example; it was written for it and is free to use. */
  static String poem() throws IOException {
    try (InputStream in = Example05Characters.class.getResourceAsStream("river.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Trains for some steps and returns the mean loss of the last ten, in nats a letter. */
  double train(int steps) {
    var adam =
        new Adam(
            v -> {
              v.child("embedding", embedding);
              v.child("lstm", lstm);
              v.child("head", head);
            },
            5e-3,
            1);
    var random = new PhiloxRandom(6);
    double recent = 0;
    for (int step = 0; step < steps; step++) {
      int[] x = new int[BATCH * TIME];
      int[] next = new int[BATCH * TIME];
      for (int row = 0; row < BATCH; row++) {
        int from = random.nextInt(text.length() - TIME);
        for (int t = 0; t < TIME; t++) {
          x[row * TIME + t] = letters.indexOf(text.charAt(from + t));
          next[row * TIME + t] = letters.indexOf(text.charAt(from + t + 1));
        }
      }
      // Everything that a step makes is given back at the end of its scope.
      try (var _ = Scope.open()) {
        Tensor ids = Tensor.ofInts(DEVICE, Shape.of(BATCH, TIME), x);
        Tensor targets = Tensor.ofInts(DEVICE, Shape.of(BATCH * TIME), next);
        Tensor hidden = lstm.forward(embedding.forward(ids)).y();
        Tensor logits = head.forward(hidden.reshape(Shape.of(BATCH * TIME, HIDDEN)));
        Tensor loss = crossEntropy(logits, targets);
        adam.step(loss.backward());
        recent += step >= steps - 10 ? loss.item() / 10 : 0;
      }
    }
    return recent;
  }

  /**
   * Continues a text, letter by letter.
   *
   * @param temperature 1 draws as the model believes; less makes likely letters likelier
   * @param seed the same one writes the same text
   */
  String write(String start, int length, double temperature, long seed) {
    var random = new PhiloxRandom(seed);
    var written = new StringBuilder(start);
    // Using a model records nothing.
    try (var _ = Scope.inference()) {
      Tensor zero = Tensor.zeros(DEVICE, Shape.of(1, 1, HIDDEN));
      var state = new Lstm.State(zero, zero);
      for (int read = 0; written.length() < start.length() + length; read++) {
        // A scope of its own for each step, so that a long text needs no more memory than a short
        // one; the state is handed on.
        try (var step = Scope.inference()) {
          int id = letters.indexOf(written.charAt(read));
          Tensor x = embedding.forward(Tensor.ofInts(DEVICE, Shape.of(1), id));
          Lstm.State after = lstm.step(x, state);
          if (read == written.length() - 1) {
            Tensor logits = head.forward(after.hidden().reshape(Shape.of(1, HIDDEN)));
            written.append(letters.charAt(draw(logits.toFloatArray(), temperature, random)));
          }
          state.hidden().close();
          state.cell().close();
          state = new Lstm.State(step.keep(after.hidden()), step.keep(after.cell()));
        }
      }
    }
    return written.toString();
  }

  private static int draw(float[] logits, double temperature, PhiloxRandom random) {
    double[] weights = new double[logits.length];
    double total = 0;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp(logits[i] / temperature);
      total += weights[i];
    }
    double left = random.nextDouble() * total;
    int chosen = 0;
    while (chosen < weights.length - 1 && left >= weights[chosen]) {
      left -= weights[chosen++];
    }
    return chosen;
  }
}
