package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** The program, run within the test. */
record Ran(int status, String out, String err) {
  static Ran impromptu(Object... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    String[] words = List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
    int status = Program.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Ran(status, out.toString(), err.toString());
  }

  /** It did what it was asked to. */
  Ran well() {
    assertEquals(0, status, () -> "standard error: " + err);
    return this;
  }

  /** It ended with that status and one sentence that holds each of these words. */
  void refused(int expected, String... words) {
    List<String> sentences =
        err.lines()
            .filter(line -> !line.startsWith("note: ") && !line.startsWith("skipped "))
            .toList();
    assertEquals(1, sentences.size(), () -> "expected one sentence, met: " + err);
    for (String word : words) {
      assertTrue(
          sentences.getFirst().contains(word), () -> "expected '%s' in: %s".formatted(word, err));
    }
    assertEquals(expected, status, err);
  }

  /** The value of a line of results. */
  String figure(String name) {
    return out.lines()
        .filter(line -> line.startsWith(name + ": "))
        .map(line -> line.substring(name.length() + 2))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no line " + name + " in: " + out + err));
  }

  int number(String name) {
    return Integer.parseInt(figure(name));
  }
}
