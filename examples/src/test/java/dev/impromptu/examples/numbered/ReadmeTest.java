package dev.impromptu.examples.numbered;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  @Test
  void theFirstExampleLearns() {
    double loss = Example01Parity.train();
    assertTrue(loss < 0.05, "loss " + loss);
  }

  @Test
  void theReadmeShowsTheFirstExample() throws IOException {
    String source =
        Files.readString(
            Path.of("src/main/java/dev/impromptu/examples/numbered/Example01Parity.java"));
    String shown =
        source.substring(source.indexOf("// README begins") + 16, source.indexOf("// README ends"));
    String code = shown.strip().stripIndent();
    String readme = Files.readString(Path.of("../README.md"));
    for (String line : code.lines().map(String::strip).toList()) {
      assertTrue(readme.contains(line), "README lacks the line: " + line);
    }
  }
}
