import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Compiles the stand-in CUDA driver and the kernels for the host with g++, where there is one; run
 * by the build. Where there is none the tests that need it are skipped, or fail if they are
 * required.
 */
final class BuildDriverDouble {
  private BuildDriverDouble() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path module = Path.of(args[0]);
    Path library = module.resolve("target/driver-double/libcuda.so.1");
    if (!System.getProperty("os.name").equals("Linux") || !works("g++", "--version")) {
      System.out.println(
          "The CUDA tests are skipped: they run on Linux and need g++ (-Dimpromptu.require=driver-double fails"
              + " instead).");
      Files.deleteIfExists(library);
      return;
    }
    if (Files.exists(library)
        && newestSource(module).compareTo(Files.getLastModifiedTime(library)) < 0) {
      return;
    }
    Files.createDirectories(library.getParent());
    // Elsewhere first: a JVM may have the old file mapped.
    Path fresh = Files.createTempFile(library.getParent(), "libcuda", ".so");
    List<String> command =
        new ArrayList<>(
            List.of("g++", "-std=c++17", "-O1", "-g", "-shared", "-fPIC", "-fvisibility=hidden"));
    // Contracted products would give other bits than Java.
    command.addAll(List.of("-Wall", "-Wextra", "-Werror", "-ffp-contract=off"));
    command.addAll(List.of("-Wl,-soname,libcuda.so.1", "-o", fresh.toString()));
    try (var sources = Files.list(module.resolve("src/test/cpp"))) {
      sources
          .map(Path::toString)
          .filter(name -> name.endsWith(".cpp"))
          .sorted()
          .forEach(command::add);
    }
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      Files.delete(fresh);
      System.err.println("The stand-in CUDA driver does not compile: " + String.join(" ", command));
      System.exit(1);
    }
    Files.move(fresh, library, StandardCopyOption.REPLACE_EXISTING);
  }

  private static boolean works(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notThere) {
      return false;
    }
  }

  private static FileTime newestSource(Path module) throws IOException {
    FileTime newest = FileTime.fromMillis(0);
    for (String folder : List.of("src/test/cpp", "src/main/cuda")) {
      try (Stream<Path> files = Files.walk(module.resolve(folder))) {
        for (Path file : files.toList()) {
          FileTime time = Files.getLastModifiedTime(file);
          newest = time.compareTo(newest) > 0 ? time : newest;
        }
      }
    }
    return newest;
  }
}
