package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The command line on the CUDA backend, in a process of its own that finds the stand-in driver: in
 * this one {@code --device auto} would take it.
 */
class CudaCommandsTest {
  private static final Path DOUBLE = Path.of("../cuda-kernels/target/driver-double");

  @TempDir private Path folder;

  private record Output(int status, String text) {}

  private static Output impromptu(String... arguments) throws IOException, InterruptedException {
    boolean there = Files.exists(DOUBLE.resolve("libcuda.so.1"));
    boolean required = System.getProperty("impromptu.require", "").contains("driver-double");
    assumeTrue(there || required, "The stand-in driver was not built: it needs g++ and Linux");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Djava.awt.headless=true"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("dev.impromptu.examples.Impromptu");
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", DOUBLE.toAbsolutePath().toString());
    // The kernels' own tests look at each access; here whole models train.
    builder.environment().put("IMPROMPTU_DOUBLE_ACCESS_CHECKS", "0");
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Output(process.waitFor(), text);
  }

  private double trainingLoss(String device, String architecture)
      throws IOException, InterruptedException {
    Path out = folder.resolve(device + "-" + architecture);
    Output output =
        impromptu(
            "train",
            "--songbook",
            "--out",
            out.toString(),
            "--device",
            device,
            "--arch",
            architecture,
            "--tokens",
            "seed",
            "--size",
            "small",
            "--batch",
            "8",
            "--limit-windows",
            "44",
            "--epochs",
            "2");
    assertEquals(0, output.status, output.text);
    assertTrue(output.text.contains("device: " + device), output.text);
    List<String> rows = Files.readAllLines(out.resolve("metrics.csv"));
    assertEquals(3, rows.size(), rows.toString());
    return Double.parseDouble(rows.getLast().split(",")[2]);
  }

  @ParameterizedTest
  @CsvSource({"lstm", "wavenet"})
  void bothModelsTrainOnTheDeviceAsOnTheProcessor(String architecture)
      throws IOException, InterruptedException {
    assertEquals(trainingLoss("cpu", architecture), trainingLoss("cuda", architecture), 1e-3);
  }

  @Test
  void theDoctorShowsTheDeviceAndWhichImplementationEachOperationUses()
      throws IOException, InterruptedException {
    Output output = impromptu("doctor");

    assertEquals(0, output.status, output.text);
    for (String part :
        List.of("taken: cuda", "driver double", "cuBLAS", "cuDNN: found", "lstm", "conv")) {
      assertTrue(
          output.text.toLowerCase().contains(part.toLowerCase()), part + " in " + output.text);
    }
  }
}
