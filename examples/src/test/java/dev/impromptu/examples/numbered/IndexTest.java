package dev.impromptu.examples.numbered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code examples/README.md} names every example, and none that is not there. */
class IndexTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/impromptu/examples/numbered");

  @Test
  void theIndexListsEveryExampleInOrder() throws IOException {
    List<String> files;
    try (Stream<Path> all = Files.list(SOURCES)) {
      files =
          all.map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith("Example"))
              .map(name -> name.replace(".java", ""))
              .sorted()
              .toList();
    }
    Matcher rows =
        Pattern.compile("(?m)^\\| (\\d+) \\| .*`example (Example\\d+\\w+)` \\|")
            .matcher(Files.readString(Path.of("README.md")));
    List<String> listed = rows.results().map(row -> row.group(2)).toList();
    assertEquals(files, listed);
    for (int i = 0; i < files.size(); i++) {
      String name = files.get(i);
      assertEquals(i + 1, Integer.parseInt(name.substring(7, 9)), name);
      String source = Files.readString(SOURCES.resolve(name + ".java"));
      assertTrue(source.contains("dev.impromptu.examples.numbered." + name + "}"), name);
    }
  }
}
