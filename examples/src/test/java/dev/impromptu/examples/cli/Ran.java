package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.render.Sound;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The program, run within the test. */
record Ran(int status, String out, String err) {
  static Ran impromptu(Object... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    String[] words = List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
    int status = Program.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Ran(status, out.toString(), err.toString());
  }

  /**
   * The program in a process of its own, which can be sent a signal.
   *
   * @param log takes its standard error
   * @param temporaries its folder for temporary files
   */
  static Process start(Path log, Path temporaries, Object... arguments) throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(Sound.REQUIRED_FLAG.split(" ")));
    command.addAll(List.of("-Djava.awt.headless=true", "-Djava.io.tmpdir=" + temporaries));
    command.addAll(List.of("-cp", classPath, "dev.impromptu.examples.Impromptu"));
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command).redirectError(log.toFile()).start();
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
