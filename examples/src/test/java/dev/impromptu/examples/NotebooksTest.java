package dev.impromptu.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.io.Json;
import dev.impromptu.io.JsonObject;
import dev.impromptu.music.midi.MidiReader;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.VarSnippet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the notebooks' cells one after the other, as a kernel does, in JShell. */
public class NotebooksTest {
  private static final Path NOTEBOOKS = Path.of("notebooks");

  /** What makes them short, and where the model goes. */
  private static final List<String> SETTINGS =
      List.of("notebook.curriculum", "notebook.windows", "notebook.folder");

  /** What the cells left as values, for the test to look at. */
  public static final List<Object> VALUES = new ArrayList<>();

  @TempDir private Path folder;

  @BeforeEach
  void shorten() {
    System.setProperty("notebook.curriculum", "1x1,4x1");
    System.setProperty("notebook.windows", "320");
    System.setProperty("notebook.folder", folder.resolve("model").toString());
  }

  @AfterEach
  void clear() {
    SETTINGS.forEach(System::clearProperty);
    VALUES.clear();
  }

  @Test
  void theNotebooksTrainAModelAndComposeWithIt() throws IOException {
    run("train.ipynb");
    assertTrue(Files.isRegularFile(folder.resolve("model/best/model.safetensors")));
    assertInstanceOf(BufferedImage.class, VALUES.getLast());

    VALUES.clear();
    run("test.ipynb");
    assertTrue(MidiReader.read(folder.resolve("model/piece.mid")).score().noteCount() >= 128);
    assertInstanceOf(BufferedImage.class, VALUES.getLast());
  }

  private void run(String notebook) throws IOException {
    try (var shell = JShell.builder().executionEngine("local").build()) {
      for (String place : classPath()) {
        shell.addToClasspath(place);
      }
      for (String cell : cells(NOTEBOOKS.resolve(notebook))) {
        evaluate(shell, notebook, cell);
      }
    }
  }

  private static List<String> classPath() {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return List.of(path.split(File.pathSeparator));
  }

  /** The code, without the lines that speak to the kernel alone. */
  private static List<String> cells(Path notebook) throws IOException {
    JsonObject json = Json.read(notebook);
    assertEquals(4, json.integer("nbformat"));
    assertEquals("java", json.object("metadata").object("kernelspec").string("language"));
    return json.array("cells").objects().stream()
        .filter(cell -> cell.string("cell_type").equals("code"))
        .map(
            cell ->
                cell.array("source").strings().stream()
                    .filter(line -> !line.startsWith("%"))
                    .collect(Collectors.joining()))
        .toList();
  }

  private static void evaluate(JShell shell, String notebook, String cell) {
    SourceCodeAnalysis analysis = shell.sourceCodeAnalysis();
    for (String rest = cell; !rest.isBlank(); ) {
      var next = analysis.analyzeCompletion(rest);
      String source = next.source();
      assertNotNull(source, () -> notebook + ": incomplete: " + cell);
      for (SnippetEvent event : shell.eval(source)) {
        check(shell, notebook, event);
      }
      rest = next.remaining();
    }
  }

  private static void check(JShell shell, String notebook, SnippetEvent event) {
    Snippet snippet = event.snippet();
    String problems =
        shell
            .diagnostics(snippet)
            .map(diagnostic -> diagnostic.getMessage(null))
            .collect(Collectors.joining("; "));
    assertEquals(
        Snippet.Status.VALID,
        event.status(),
        () -> "%s: %s: %s".formatted(notebook, snippet.source(), problems));
    if (event.exception() != null) {
      throw new AssertionError(
          "%s: %s failed".formatted(notebook, snippet.source()), event.exception());
    }
    if (snippet.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND) {
      String name = ((VarSnippet) snippet).name();
      shell.eval(NotebooksTest.class.getName() + ".VALUES.add(" + name + ")");
    }
  }
}
