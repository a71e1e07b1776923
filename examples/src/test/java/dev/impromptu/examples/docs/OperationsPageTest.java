package dev.impromptu.examples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who follows {@code docs/operations.md} ends with a working operation. Its kernel is tried by
 * {@code scripts/follow-operations-page}, since only that needs nvcc.
 */
class OperationsPageTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> SOURCES =
      List.of("core/src/main/java", "cuda-kernels/src/main/java", "cuda-kernels/src/main/cuda");

  @TempDir Path copy;

  @Test
  void thePagesBlocksMakeAnOperationThatPassesItsChecks() throws Exception {
    for (String folder : SOURCES) {
      copy(folder);
    }
    run("java", ROOT + "/scripts/ApplyPage.java", ROOT + "/docs/operations.md", copy.toString());

    String libraries =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(path -> path.endsWith(".jar"))
            .reduce((a, b) -> a + File.pathSeparator + b)
            .orElseThrow();
    Path core = copy.resolve("core/classes");
    Path cuda = copy.resolve("cuda/classes");
    compile(core, libraries, "core/src/main/java");
    compile(cuda, core + File.pathSeparator + libraries, "cuda-kernels/src/main/java");

    List<URL> path = new ArrayList<>();
    path.add(core.toUri().toURL());
    path.add(ROOT.resolve("core/src/main/resources").toUri().toURL());
    for (String library : libraries.split(File.pathSeparator)) {
      if (library.contains("jspecify")) {
        path.add(Path.of(library).toUri().toURL());
      }
    }
    var platform = ClassLoader.getPlatformClassLoader();
    try (var loader = new URLClassLoader(path.toArray(URL[]::new), platform)) {
      check(loader);
    }
  }

  /** Through reflection, since the copy's classes have the names of those on the class path. */
  private static void check(ClassLoader loader) throws ReflectiveOperationException {
    String kit = "dev.impromptu.testkit.";
    Class<?> opCase = loader.loadClass(kit + "OpCase");
    Class<?> device = loader.loadClass("dev.impromptu.tensor.Device");
    Object cpu = device.getMethod("cpu").invoke(null);
    var gradient = loader.loadClass(kit + "GradientCheck").getMethod("check", opCase);
    var parity = loader.loadClass(kit + "ParityCheck").getMethod("check", opCase, device);
    List<?> all =
        (List<?>) loader.loadClass(kit + "OpCases").getMethod("differentiable").invoke(null);
    List<?> snakes = all.stream().filter(each -> each.toString().startsWith("snake")).toList();
    assertEquals(5, snakes.size());
    for (Object snake : snakes) {
      gradient.invoke(null, snake);
      parity.invoke(null, snake, cpu);
    }
  }

  private void copy(String folder) throws IOException {
    Path from = ROOT.resolve(folder);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(folder).resolve(from.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
  }

  private void compile(Path out, String classPath, String sources) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("javac", "-d", out.toString(), "-cp", classPath, "-proc:none", "-parameters"));
    command.addAll(List.of("-nowarn", "--add-modules", "jdk.incubator.vector"));
    try (Stream<Path> files = Files.walk(copy.resolve(sources))) {
      files
          .map(Path::toString)
          .filter(name -> name.endsWith(".java") && !name.endsWith("module-info.java"))
          .forEach(command::add);
    }
    run(command.toArray(String[]::new));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    command[0] = Path.of(System.getProperty("java.home"), "bin", command[0]).toString();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertFalse(process.waitFor() != 0, output);
  }
}
