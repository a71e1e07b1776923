package dev.impromptu.examples.api;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.impromptu.cuda.CudaProvider;
import dev.impromptu.music.score.Score;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * The public API is what {@code api.txt} of each module says, so that no change of it goes unseen.
 * With {@code -Dimpromptu.api=update} the files are written anew instead.
 */
class PublicApiTest {
  private static final String UPDATE =
      "./mvnw -B -q -pl examples -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=PublicApiTest"
          + " -Dimpromptu.api=update test";

  @Test
  void coreOffersWhatItsFileSays() throws IOException {
    compare("core", PublicApi.exported(Tensor.class));
  }

  @Test
  void cudaOffersWhatItsFileSays() throws IOException {
    // Its driver package is public among its own packages alone.
    compare("cuda-kernels", PublicApi.of(CudaProvider.class, "dev.impromptu.cuda"::equals));
  }

  @Test
  void musicOffersWhatItsFileSays() throws IOException {
    Predicate<String> all = name -> true;
    compare("music", PublicApi.of(Score.class, all));
  }

  @Test
  void theTextNamesWhatPeopleCall() {
    String tensor = PublicApi.of(Tensor.class, "dev.impromptu.tensor"::equals);
    for (String line :
        List.of(
            "public final class dev.impromptu.tensor.Tensor implements AutoCloseable\n",
            "  public dev.impromptu.tensor.Tensor matmul(dev.impromptu.tensor.Tensor)\n",
            "public interface dev.impromptu.tensor.DifferentiableOp extends dev.impromptu.tensor.Op\n",
            "@Nullable")) {
      assertTrue(tensor.contains(line), line);
    }
  }

  private static void compare(String module, String met) throws IOException {
    Path file = Path.of("..", module, "api.txt");
    if (System.getProperty("impromptu.api", "").equals("update")) {
      Files.writeString(file, met);
      return;
    }
    String expected = Files.readString(file);
    if (!met.equals(expected)) {
      List<String> changes = new ArrayList<>();
      changes.addAll(changes("- ", expected, met));
      changes.addAll(changes("+ ", met, expected));
      fail(
          "%s: the public API is not what %s says:\n%s\nIf that is meant, say it in CHANGELOG.md and run:\n%s"
              .formatted(module, file, String.join("\n", changes), UPDATE));
    }
  }

  /** Lines of one that the other lacks, each with the type it belongs to. */
  private static List<String> changes(String sign, String of, String other) {
    List<String> known = qualified(other);
    return qualified(of).stream().filter(line -> !known.contains(line)).map(sign::concat).toList();
  }

  private static List<String> qualified(String text) {
    List<String> lines = new ArrayList<>();
    String type = "";
    for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
      if (line.startsWith("  ")) {
        lines.add(type + ":" + line.substring(1));
      } else {
        type = line.replaceFirst("^[^(<]*?(dev\\.[\\w.$]+).*", "$1");
        lines.add(line);
      }
    }
    return lines;
  }
}
