package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardingLibraryTest {
  private static final Path SOURCES = Path.of("src/main/c");

  @ParameterizedTest
  @CsvSource({"forward_cublas, libcublas.so.12", "forward_cudnn, libcudnn.so.8"})
  void theCommittedLibraryWasMadeFromTheSource(String source, String library)
      throws IOException, NoSuchAlgorithmException {
    var digest = MessageDigest.getInstance("SHA-256");
    for (String file : List.of(source + ".c", source + ".map", "forward.h")) {
      digest.update(Files.readAllBytes(SOURCES.resolve(file)));
    }
    String hash = HexFormat.of().formatHex(digest.digest());

    try (var in =
        CudaLibrary.class.getResourceAsStream("/dev/impromptu/cuda/linux-x86_64/" + library)) {
      String bytes = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      assertTrue(
          bytes.contains("source-sha256: " + hash),
          library + " was made from another source: run scripts/forwarding, which needs gcc");
    }
  }
}
