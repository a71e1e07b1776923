package dev.impromptu.examples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Java of {@code docs/} compiles, and what is marked so runs and prints what it says. */
class DocsTest {
  private static final Path DOCS = Path.of("../docs");

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#: ]+)(#[^)]*)?\\)");

  @TempDir Path classes;

  static List<Page> pages() throws IOException {
    List<Page> pages = new ArrayList<>();
    for (Path file : files(DOCS)) {
      pages.add(Page.read(file));
    }
    pages.removeIf(Page::isEmpty);
    return pages;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(".md")).sorted().toList();
    }
  }

  @Test
  void theDocumentationHoldsCode() throws IOException {
    List<Page> pages = pages();
    assertTrue(pages.size() >= 6, pages.toString());
    long run =
        pages.stream()
            .flatMap(page -> page.sections().stream())
            .filter(Page.Section::isRun)
            .count();
    assertTrue(run >= 10, run + " sections are run");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void aPagesCodeCompilesAndDoesWhatItSays(Page page) throws Exception {
    compile(page);
    URL[] path = {classes.toUri().toURL()};
    try (var loader = new URLClassLoader(path, getClass().getClassLoader())) {
      Class<?> type = loader.loadClass(page.className());
      for (int i = 0; i < page.sections().size(); i++) {
        Page.Section section = page.sections().get(i);
        if (section.isRun()) {
          String where = page + ", " + section.heading();
          assertEquals(section.prints(), printed(type, Page.method(i), where), where);
        }
      }
    }
  }

  private void compile(Page page) throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    var diagnostics = new DiagnosticCollector<JavaFileObject>();
    String text = page.source();
    var source =
        new SimpleJavaFileObject(URI.create("string:///Page.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }

          @Override
          public boolean isNameCompatible(String simpleName, Kind kind) {
            return true;
          }
        };
    try (var files = compiler.getStandardFileManager(diagnostics, null, StandardCharsets.UTF_8)) {
      List<String> options =
          List.of(
              "-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
      if (!compiler.getTask(null, files, diagnostics, options, null, List.of(source)).call()) {
        var message = new StringBuilder("The Java of " + page + " does not compile:\n");
        for (var each : diagnostics.getDiagnostics()) {
          String line = text.lines().toList().get((int) Math.max(0, each.getLineNumber() - 1));
          message.append(each.getMessage(null)).append("\n  in: ").append(line).append('\n');
        }
        fail(message.toString());
      }
    }
  }

  /** The lines that a section writes to standard output. */
  private static List<String> printed(Class<?> type, String method, String where)
      throws ReflectiveOperationException {
    var bytes = new ByteArrayOutputStream();
    PrintStream usual = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      var section = type.getDeclaredMethod(method);
      section.setAccessible(true);
      section.invoke(null);
    } catch (InvocationTargetException e) {
      throw new AssertionError(where + " failed", e.getCause());
    } finally {
      System.setOut(usual);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().map(String::strip).toList();
  }

  @Test
  void everyLinkLeadsToAFile() throws IOException {
    List<Path> all = new ArrayList<>(files(DOCS));
    all.addAll(List.of(Path.of("../README.md"), Path.of("README.md"), Path.of("../CHANGELOG.md")));
    List<String> broken = new ArrayList<>();
    for (Path file : all) {
      var links = LINK.matcher(Files.readString(file));
      while (links.find()) {
        if (!Files.exists(file.resolveSibling(links.group(1)))) {
          broken.add(file + ": " + links.group(1));
        }
      }
    }
    assertEquals(List.of(), broken);
  }

  @Test
  void theIndexNamesEveryPage() throws IOException {
    String index = Files.readString(DOCS.resolve("README.md"));
    try (Stream<Path> pages = Files.list(DOCS)) {
      for (Path page : pages.filter(file -> file.toString().endsWith(".md")).toList()) {
        String name = page.getFileName().toString();
        assertTrue(name.equals("README.md") || index.contains("(" + name + ")"), name);
      }
    }
    assertFalse(index.isEmpty());
  }
}
