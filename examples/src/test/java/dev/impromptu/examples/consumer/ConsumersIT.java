package dev.impromptu.examples.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Projects of others, in {@code src/it}, build against the jars of this build and run. Maven sees
 * them in a repository of their own beside the user's, offline, so that nothing is installed there
 * and no older snapshot is taken.
 */
class ConsumersIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String VERSION = property("version");

  /** The artifacts, each with its folder and where its jar lies; a POM alone has none. */
  private static final Map<String, Artifact> ARTIFACTS =
      Map.of(
          "impromptu-parent", new Artifact(".", null),
          "impromptu-bom", new Artifact("bom", null),
          "impromptu-core", new Artifact("core", "impromptu-core-" + VERSION + ".jar"),
          "impromptu-cuda", new Artifact("cuda-kernels", "impromptu-cuda-" + VERSION + ".jar"),
          "impromptu-music", new Artifact("music", "impromptu-music-" + VERSION + ".jar"),
          "impromptu-examples", new Artifact("examples", "impromptu/impromptu.jar"));

  @TempDir static Path repository;
  @TempDir Path work;

  private record Artifact(String folder, String jar) {}

  private static String property(String name) {
    return System.getProperty("consumer." + name);
  }

  @BeforeAll
  static void layOutTheRepository() throws IOException {
    assumeFalse(
        property("maven").startsWith("3.8."), "Maven 3.8 cannot chain local repositories; 3.9 can");
    for (var each : ARTIFACTS.entrySet()) {
      Path folder =
          Files.createDirectories(
              repository.resolve("dev/impromptu").resolve(each.getKey()).resolve(VERSION));
      Path from = ROOT.resolve(each.getValue().folder());
      String name = each.getKey() + "-" + VERSION;
      Files.copy(from.resolve("pom.xml"), folder.resolve(name + ".pom"));
      if (each.getValue().jar() != null) {
        Path jar = from.resolve("target").resolve(each.getValue().jar());
        Files.copy(jar, folder.resolve(name + ".jar"));
      }
    }
  }

  @Test
  void aNamedModuleUsesTheCore() throws Exception {
    String output = build("module-path");
    assertTrue(
        output.contains("module consumer, module dev.impromptu.core, learned"),
        "the program said: " + output);
  }

  @Test
  void aProgramOnTheClassPathUsesAllModules() throws Exception {
    String output = build("class-path");
    assertTrue(
        output.contains("cpu cuda reference; a piece; Impromptu"), "the program said: " + output);
  }

  @Test
  void theJarsHaveLastingModuleNames() {
    var expected =
        Map.of(
            "core", "dev.impromptu.core",
            "cuda-kernels", "dev.impromptu.cuda",
            "music", "dev.impromptu.music",
            "examples", "dev.impromptu.examples");
    for (Artifact each : ARTIFACTS.values()) {
      if (each.jar() != null) {
        Path jar = ROOT.resolve(each.folder()).resolve("target").resolve(each.jar());
        var module = ModuleFinder.of(jar).findAll().iterator().next().descriptor();
        assertEquals(expected.get(each.folder()), module.name());
        // A name that comes from the file's would change with it; the core's is no automatic one.
        assertEquals(!each.folder().equals("core"), module.isAutomatic());
      }
    }
  }

  private String build(String project) throws IOException, InterruptedException {
    Path from = Path.of("src/it", project);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = work.resolve(from.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    List<String> command = new ArrayList<>();
    command.add(Path.of(property("maven.home"), "bin", windows ? "mvn.cmd" : "mvn").toString());
    command.addAll(List.of("-o", "-B", "-q", "-ntp", "process-classes"));
    command.add("-Dmaven.repo.local=" + repository);
    command.add("-Dmaven.repo.local.tail=" + property("repository"));
    command.add("-Dimpromptu.version=" + VERSION);
    for (String plugin : List.of("compiler-plugin", "exec-plugin", "resources-plugin")) {
      command.add("-D%s.version=%s".formatted(plugin, property(plugin)));
    }
    ProcessBuilder builder = new ProcessBuilder(command).directory(work.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    return output;
  }
}
