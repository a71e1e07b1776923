package dev.impromptu.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, with a JDK that prints what it is started with. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LauncherTest {
  @TempDir Path home;

  private void executable(String name, String text) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertTrue(file.toFile().setExecutable(true));
  }

  @Test
  void noDisplayIsAskedForEvenWhereOneIsNamed() throws IOException, InterruptedException {
    executable("impromptu", Files.readString(Path.of("../impromptu")));
    executable("jdk/bin/javac", "");
    executable("jdk/bin/java", "#!/bin/sh\nfor word; do echo \"$word\"; done\n");
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
    // Newer than its sources, of which there are none.
    Path jar = home.resolve("examples/target/impromptu/impromptu.jar");
    Files.createDirectories(jar.getParent());
    Files.createFile(jar);
    var launcher = new ProcessBuilder(home.resolve("impromptu").toString(), "play", "a b.mid");
    launcher.environment().put("IMPROMPTU_JAVA_HOME", home.resolve("jdk").toString());
    launcher.environment().put("DISPLAY", ":77");

    Process process = launcher.redirectErrorStream(true).start();
    List<String> words = process.inputReader().readAllLines();

    assertEquals(0, process.waitFor(), words::toString);
    assertTrue(words.contains("-Djava.awt.headless=true"), words.toString());
    assertEquals(
        List.of("-jar", jar.toRealPath().toString(), "play", "a b.mid"),
        words.subList(words.size() - 4, words.size()));
  }

  @Test
  void theLauncherForWindowsPassesTheSameFlags() throws IOException {
    String text = Files.readString(Path.of("../impromptu.cmd"));
    assertTrue(text.contains(" -Xmx1g -Djava.awt.headless=true %IMPROMPTU_JAVA_OPTS% "), text);
  }
}
