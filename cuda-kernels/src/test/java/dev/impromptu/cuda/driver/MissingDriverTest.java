package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class MissingDriverTest {
  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void theMissingLibraryIsNamedEveryTime() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var builder =
        new ProcessBuilder(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            LoadTwice.class.getName());
    builder.environment().remove("LD_LIBRARY_PATH");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    assumeFalse(output.equals("found\n"), "This machine has NVIDIA's driver");

    String sentence =
        "CUDA: the NVIDIA driver's library libcuda.so.1 was not found; install NVIDIA's driver, or use the CPU\n";
    assertEquals(sentence + sentence, output);
  }

  /** Runs in a JVM of its own, which does not find the stand-in. */
  static final class LoadTwice {
    private LoadTwice() {}

    public static void main(String[] args) {
      for (int i = 0; i < 2; i++) {
        try {
          CudaDriver.load();
          System.out.print("found\n");
          return;
        } catch (CudaException e) {
          System.out.print(e.getMessage() + "\n");
        }
      }
    }
  }
}
