package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.driver.LaunchShape;
import dev.impromptu.cuda.driver.TestDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KernelsTest {
  private static final Path SOURCES = Path.of("src/main/cuda");

  static List<String> families() throws IOException {
    return endingIn(".cu").map(name -> name.substring(0, name.length() - 3)).toList();
  }

  @ParameterizedTest
  @MethodSource("families")
  void thePtxWasMadeFromTheSource(String family) throws IOException, NoSuchAlgorithmException {
    var digest = MessageDigest.getInstance("SHA-256");
    digest.update(Files.readAllBytes(SOURCES.resolve(family + ".cu")));
    for (String header : endingIn(".cuh").toList()) {
      digest.update(Files.readAllBytes(SOURCES.resolve(header)));
    }

    String hash = HexFormat.of().formatHex(digest.digest());

    for (int capability : isForOldChips(family) ? new int[] {75, 90} : new int[] {90}) {
      assertTrue(
          Kernels.ptx(family, capability).contains("// source-sha256: " + hash + "\n"),
          family + ".ptx was made from another source: run scripts/ptx, which needs nvcc");
    }
  }

  static List<String> familiesForOldChips() throws IOException {
    return families().stream().filter(KernelsTest::isForOldChips).toList();
  }

  /** As scripts/ptx reads it. */
  private static boolean isForOldChips(String family) {
    try (Stream<String> lines = Files.lines(SOURCES.resolve(family + ".cu"))) {
      return lines.limit(1).noneMatch("// chip: 90"::equals);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("familiesForOldChips")
  void thePtxIsReadByDriversSinceCuda10(String family) {
    List<String> version =
        Kernels.ptx(family, 75).lines().filter(line -> line.startsWith(".version")).toList();

    assertEquals(List.of(".version 6.4"), version);
  }

  @Test
  void aMissingFamilyIsNamed() {
    var e = assertThrows(IllegalArgumentException.class, () -> Kernels.ptx("nonesuch", 75));

    assertTrue(e.getMessage().contains("nonesuch.ptx"), e.getMessage());
  }

  private static Stream<String> endingIn(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(suffix))
          .sorted()
          .toList()
          .stream();
    }
  }

  @Test
  void aLaunchWithOtherArgumentsThanTheKernelTakesIsRefused() {
    try (var runtime = new CudaRuntime(TestDriver.open(), Precision.FP32)) {
      KernelFamily family = runtime.family("elementwise");
      LaunchShape shape = LaunchShape.of(1, 32);
      List<Object[]> wrong =
          List.of(
              new Object[] {1f, 1f, null, null},
              new Object[] {1f, 1f, null, null, 0, 0},
              new Object[] {1f, 1, null, null, 0},
              new Object[] {1f, 1f, null, 0, null},
              new Object[] {1f, 1f, null, null, 0L});
      for (Object[] arguments : wrong) {
        var e =
            assertThrows(
                IllegalArgumentException.class, () -> family.launch("affine", shape, arguments));
        assertTrue(e.getMessage().startsWith("elementwise.cu, affine: "), e.getMessage());
      }
      family.launch("affine", shape, 1f, 1f, null, null, 0);
      runtime.context().synchronize();
    }
  }
}
