package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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

    assertTrue(
        Kernels.ptx(family).contains("// source-sha256: " + hash + "\n"),
        family + ".ptx was made from another source: run scripts/ptx, which needs nvcc");
  }

  @ParameterizedTest
  @MethodSource("families")
  void thePtxIsReadByDriversSinceCuda10(String family) {
    List<String> version =
        Kernels.ptx(family).lines().filter(line -> line.startsWith(".version")).toList();

    assertEquals(List.of(".version 6.4"), version);
  }

  @Test
  void aMissingFamilyIsNamed() {
    var e = assertThrows(IllegalArgumentException.class, () -> Kernels.ptx("nonesuch"));

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
}
