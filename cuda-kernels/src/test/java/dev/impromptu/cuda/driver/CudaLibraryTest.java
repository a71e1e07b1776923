package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BackendUnavailableException;
import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.CudaProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where libraries are looked for, each case in a JVM of its own that sees what the case gives it.
 */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class CudaLibraryTest {
  private static final String CUBLAS_MISSING =
      "CUDA: cuBLAS was not found: looked for libcublas.so.12 and libcublas.so.13%s on the loader's"
          + " path (LD_LIBRARY_PATH, ld.so.conf) and in /usr/local/cuda/lib64; install cuBLAS, or"
          + " name its directory in -Dimpromptu.cuda.libraries=cublas/lib";
  private static final String CUDNN_MISSING =
      "CUDA: cuDNN was not found: looked for libcudnn.so.8 and libcudnn.so.9%s on the loader's path"
          + " (LD_LIBRARY_PATH, ld.so.conf) and in /usr/local/cuda/lib64; install cuDNN, or name its"
          + " directory in -Dimpromptu.cuda.libraries=cudnn/lib";

  @TempDir private Path scratch;
  private Path doubles;
  private Path driver;

  @BeforeEach
  void needsTheDouble() throws IOException {
    TestDriver.openDouble().close();
    doubles = DynamicLoader.fileOf("libcuda.so.1").orElseThrow().getParent();
    driver = directory("driver", doubles.resolve("libcuda.so.1"));
  }

  @Test
  void whatIsMissingIsNamedEveryTime() throws Exception {
    List<String> output = run(List.of(driver), List.of(), "twice");

    assumeFalse(output.contains("cublas found"), "This machine has cuBLAS");
    assertEquals(
        List.of(
            CUBLAS_MISSING.formatted(""),
            CUBLAS_MISSING.formatted(""),
            CUDNN_MISSING.formatted(""),
            CUDNN_MISSING.formatted("")),
        output);
  }

  @Test
  void directoriesThatWereNamedInVainAreNamed() throws Exception {
    Path empty = directory("empty");

    List<String> output = run(List.of(driver), List.of(empty), "twice");

    assumeFalse(output.contains("cublas found"), "This machine has cuBLAS");
    assertEquals(CUBLAS_MISSING.formatted(" in [" + empty + "],"), output.getFirst());
  }

  @Test
  void cuda12IsFoundByTheLoader() throws Exception {
    assertEquals(
        List.of(
            "cublas 120600 " + doubles.resolve("libcublas.so.12"),
            "product 19.0 22.0 43.0 50.0",
            "cudnn 8907 " + doubles.resolve("libcudnn.so.8"),
            "lstm right"),
        run(List.of(doubles), List.of(), "compute"));
  }

  @Test
  void cuda13AndCudnn9AreReachedThroughTheForwardingLibrary() throws Exception {
    Path newer = doubles.resolve("newer");

    assertEquals(
        List.of(
            "cublas 130600 "
                + newer.resolve("libcublas.so.13")
                + " (through the forwarding library)",
            "product 19.0 22.0 43.0 50.0",
            "cudnn 91002 " + newer.resolve("libcudnn.so.9") + " (through the forwarding library)",
            "lstm right"),
        run(List.of(driver, newer), List.of(), "compute"));
  }

  @Test
  void theLoadersOlderReleaseComesBeforeItsNewer() throws Exception {
    List<String> output = run(List.of(doubles.resolve("newer"), doubles), List.of(), "compute");

    assertEquals("cublas 120600 " + doubles.resolve("libcublas.so.12"), output.get(0));
    assertEquals("cudnn 8907 " + doubles.resolve("libcudnn.so.8"), output.get(2));
  }

  @Test
  void namedDirectoriesComeBeforeTheLoader() throws Exception {
    Path newer = doubles.resolve("newer");

    List<String> output = run(List.of(doubles), List.of(newer), "compute");

    assertTrue(output.get(0).startsWith("cublas 130600 "), output.get(0));
    assertTrue(output.get(2).startsWith("cudnn 91002 "), output.get(2));
  }

  @Test
  void eachLibraryMayHaveADirectoryOfItsOwnWithWhatItNeeds() throws Exception {
    Path cublas =
        directory(
            "cublas", doubles.resolve("libcublas.so.12"), doubles.resolve("libcublasLt.so.12"));
    Path cudnn =
        directory(
            "cudnn",
            doubles.resolve("newer/libcudnn.so.9"),
            doubles.resolve("newer/libcudnn_ops.so.9"));

    List<String> output = run(List.of(driver), List.of(cublas, cudnn), "compute");

    assertTrue(output.get(0).startsWith("cublas 120600 "), output.get(0));
    assertTrue(output.get(2).startsWith("cudnn 91002 "), output.get(2));
    assertEquals("lstm right", output.get(3));
  }

  @Test
  void whatALibraryNeedsAndLacksIsNamed() throws Exception {
    Path cublas = directory("cublas", doubles.resolve("libcublas.so.12"));

    List<String> output = run(List.of(driver, cublas), List.of(), "twice");

    assumeFalse(output.contains("cublas found"), "This machine has cuBLAS");
    assertTrue(
        output
            .getFirst()
            .endsWith(
                "; found but not loaded: libcublasLt.so.12: cannot open shared object file: No such"
                    + " file or directory"),
        output.getFirst());
  }

  @Test
  void aLibraryThatDoesNotLoadSaysWhy() throws Exception {
    Path broken = directory("broken");
    Files.writeString(broken.resolve("libcublas.so.12"), "this is no library. ".repeat(100));

    List<String> output = run(List.of(driver), List.of(broken), "twice");

    assumeFalse(output.contains("cublas found"), "This machine has cuBLAS");
    assertTrue(
        output
            .getFirst()
            .endsWith(
                "; found but not loaded: "
                    + broken.resolve("libcublas.so.12")
                    + ": invalid ELF header"),
        output.getFirst());
  }

  @Test
  void aStatusOfCudnn9IsTurnedBackAndKeepsItsWords() throws Exception {
    List<String> output = run(List.of(driver, doubles.resolve("newer")), List.of(), "refused");

    assertEquals(
        List.of(
            "3: CUDNN_STATUS_BAD_PARAM (3): status 2000 (2000): a size is less than 1",
            "9: CUDNN_STATUS_NOT_SUPPORTED (9): status 3000 (3000): algorithm 6 takes no dilation"),
        output);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lstm", "conv"})
  void aDeviceThatWantsCudnnForOneOperationAloneNeedsIt(String operation) throws Exception {
    Path cublas =
        directory(
            "cublas", doubles.resolve("libcublas.so.12"), doubles.resolve("libcublasLt.so.12"));

    List<String> output = run(List.of(driver), List.of(cublas), operation);

    assumeFalse(output.contains("opened"), "This machine has cuDNN");
    assertEquals(
        List.of(
            CUDNN_MISSING.formatted(" in [" + cublas + "],")
                + ", or use the kernels of this module, -Dimpromptu.cuda.lstm=kernel and"
                + " -Dimpromptu.cuda.conv=kernel"),
        output);
  }

  private Path directory(String name, Path... files) throws IOException {
    Path directory = Files.createDirectory(scratch.resolve(name));
    for (Path file : files) {
      Files.copy(file, directory.resolve(file.getFileName()));
    }
    return directory;
  }

  private List<String> run(List<Path> loaderPath, List<Path> named, String mode)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path")));
    if (!named.isEmpty()) {
      command.add("-D" + CudaLibrary.DIRECTORIES + "=" + joined(named));
    }
    command.addAll(List.of(Probe.class.getName(), mode));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", joined(loaderPath));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output.lines().toList();
  }

  private static String joined(List<Path> paths) {
    return String.join(":", paths.stream().map(Path::toString).toList());
  }

  /** Runs in a JVM of its own. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] args) {
      switch (args[0]) {
        case "twice" -> {
          Stream.of(CudaLibrary.CUBLAS, CudaLibrary.CUBLAS, CudaLibrary.CUDNN, CudaLibrary.CUDNN)
              .map(
                  library ->
                      library
                          .whyMissing()
                          .orElse(library.name().toLowerCase(Locale.ROOT) + " found"))
              .forEach(System.out::println);
        }
        case "compute" -> compute();
        case "refused" -> refused();
        case "lstm", "conv" -> open(args[0]);
        default -> throw new IllegalArgumentException(args[0]);
      }
    }

    private static void compute() {
      try (DriverContext context = CudaDriver.load().open(0);
          Cublas cublas = new Cublas(context);
          Cudnn cudnn = new Cudnn(context)) {
        System.out.println("cublas " + cublas.version() + " " + cublas.library());
        DeviceSpan a = TestLibraries.device(context, new float[] {1, 2, 3, 4});
        DeviceSpan b = TestLibraries.device(context, new float[] {5, 6, 7, 8});
        DeviceSpan c = TestLibraries.device(context, 4);
        cublas.gemm(Gemm.dense(Precision.FP32, false, false, 2, 2, 2), 1, a, b, 0, c);
        float[] product = TestLibraries.host(context, c);
        System.out.println(
            "product "
                + String.join(
                    " ",
                    Stream.of(product[0], product[1], product[2], product[3])
                        .map(String::valueOf)
                        .toList()));
        System.out.println("cudnn " + cudnn.version() + " " + cudnn.library());
        lstm(context, cudnn);
      }
    }

    /** Weights and biases of zero halve the cell at each step: all gates are a half. */
    private static void lstm(DriverContext context, Cudnn cudnn) {
      var shape = new LstmShape(1, 2, 1, 1, 1);
      try (var lstm = new CudnnLstm(cudnn, shape, Precision.FP32, CudnnLstmAlgorithm.STANDARD)) {
        DeviceSpan zeros = TestLibraries.device(context, new float[4]);
        DeviceMemory packed = context.allocate(lstm.weightBytes());
        DeviceSpan weights = packed.span(0, packed.bytes());
        lstm.pack(List.of(new CudnnLstm.Layer(zeros, zeros, zeros, zeros)), weights);
        DeviceSpan hidden = TestLibraries.device(context, new float[1]);
        DeviceSpan cell = TestLibraries.device(context, new float[] {2});
        DeviceSpan y = TestLibraries.device(context, 2);
        DeviceMemory work = context.allocate(lstm.workspaceBytes(false));
        lstm.forward(
            false,
            weights,
            TestLibraries.device(context, new float[2]),
            new CudnnLstm.State(hidden, cell),
            y,
            CudnnLstm.State.NONE,
            new CudnnLstm.Scratch(work.span(0, work.bytes()), null));
        float[] expected = {(float) (Math.tanh(1) / 2), (float) (Math.tanh(0.5) / 2)};
        float[] met = TestLibraries.host(context, y);
        boolean right =
            Math.abs(met[0] - expected[0]) < 1e-6 && Math.abs(met[1] - expected[1]) < 1e-6;
        System.out.println(right ? "lstm right" : "lstm " + Arrays.toString(met));
      }
    }

    private static void refused() {
      try (DriverContext context = CudaDriver.load().open(0);
          Cudnn cudnn = new Cudnn(context)) {
        print(
            () ->
                new CudnnLstm(
                    cudnn,
                    new LstmShape(1, 0, 1, 1, 1),
                    Precision.FP32,
                    CudnnLstmAlgorithm.STANDARD));
        print(
            () ->
                new CudnnConvolution(
                    cudnn,
                    new ConvShape(1, 8, 1, 1, 2, 4),
                    Precision.FP32,
                    new CudnnConvolution.Algorithms(6, 1, 1)));
      }
    }

    private static void open(String operation) {
      System.setProperty("impromptu.cuda." + operation, "cudnn");
      try (Backend _ = new CudaProvider().open(Precision.FP32)) {
        System.out.println("opened");
      } catch (BackendUnavailableException e) {
        System.out.println(e.getMessage());
      }
    }

    private static void print(Runnable preparation) {
      try {
        preparation.run();
      } catch (CudaException e) {
        String message = e.getMessage();
        System.out.println(
            e.code()
                + ": "
                + message.substring(message.indexOf("CUDNN_"), message.lastIndexOf(" [")));
      }
    }
  }
}
