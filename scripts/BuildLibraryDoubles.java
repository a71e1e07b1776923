import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles the stand-ins for cuBLAS and cuDNN with g++, beside the stand-in CUDA driver that they
 * call; run by the build after that. Where there is no such driver there are none of these either.
 *
 * <p>{@code java BuildLibraryDoubles.java MODULE [FOLDER]}: the driver is in the folder, which is
 * {@code target/driver-double} where none is given.
 */
final class BuildLibraryDoubles {
  /**
   * One library to build.
   *
   * @param file its name, beside the driver
   * @param node the version of its symbols, which is also its soname
   * @param release what its source calls RELEASE
   * @param map the version script of the oldest release
   * @param needs an empty library that has to be loaded with it, as the real one has one
   */
  private record Library(
      String file, String node, int release, String map, List<String> sources, String needs) {}

  private static final List<String> CUBLAS = List.of("cublas_double.cpp");
  private static final List<String> CUDNN = List.of("cudnn_double.cpp", "cudnn_rnn_double.cpp");

  // The newer ones apart: only the tests of the forwarding library look there.
  private static final List<Library> LIBRARIES =
      List.of(
          new Library(
              "libcublas.so.12",
              "libcublas.so.12",
              12,
              "cublas_double.map",
              CUBLAS,
              "libcublasLt.so.12"),
          new Library(
              "newer/libcublas.so.13",
              "libcublas.so.13",
              13,
              "cublas_double.map",
              CUBLAS,
              "libcublasLt.so.13"),
          new Library(
              "libcudnn.so.8",
              "libcudnn.so.8",
              8,
              "cudnn_double.map",
              CUDNN,
              "libcudnn_ops_infer.so.8"),
          new Library(
              "newer/libcudnn.so.9",
              "libcudnn.so.9",
              9,
              "cudnn_double.map",
              CUDNN,
              "libcudnn_ops.so.9"));

  private BuildLibraryDoubles() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path sources = Path.of(args[0]).resolve("src/test/cpp/libraries");
    Path directory =
        args.length > 1 ? Path.of(args[1]) : Path.of(args[0]).resolve("target/driver-double");
    if (!Files.exists(directory.resolve("libcuda.so.1"))) {
      return;
    }
    Files.createDirectories(directory.resolve("newer"));
    for (Library library : LIBRARIES) {
      build(library, sources, directory);
    }
  }

  private static void build(Library library, Path sources, Path directory)
      throws IOException, InterruptedException {
    Path file = directory.resolve(library.file);
    if (Files.exists(file) && newest(sources).compareTo(Files.getLastModifiedTime(file)) < 0) {
      return;
    }
    Path map = directory.resolve(library.node + ".map");
    String oldest = Files.readString(sources.resolve(library.map));
    Files.writeString(map, oldest.replaceFirst("^\\S+", library.node));
    Path needed = file.resolveSibling(library.needs);
    compile(needed, library.needs, List.of("-x", "c++", "/dev/null"));
    List<String> arguments = new ArrayList<>(List.of("-std=c++17", "-O3", "-g"));
    // Contracted products would give other bits on other machines.
    arguments.addAll(List.of("-fPIC", "-fvisibility=hidden", "-ffp-contract=off"));
    arguments.addAll(List.of("-Wall", "-Wextra", "-Werror", "-DRELEASE=" + library.release));
    arguments.add("-Wl,--version-script=" + map);
    library.sources.forEach(source -> arguments.add(sources.resolve(source).toString()));
    arguments.addAll(List.of("-Wl,-z,defs", "-Wl,--no-as-needed", "-L" + directory));
    arguments.addAll(List.of("-l:libcuda.so.1", needed.toString()));
    compile(file, library.node, arguments);
  }

  private static void compile(Path file, String soname, List<String> arguments)
      throws IOException, InterruptedException {
    // Elsewhere first: a JVM may have the old file mapped.
    Path fresh = Files.createTempFile(file.getParent(), "library", ".so");
    List<String> command = new ArrayList<>(List.of("g++", "-shared", "-Wl,-soname," + soname));
    command.addAll(arguments);
    command.addAll(List.of("-o", fresh.toString()));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      Files.delete(fresh);
      System.err.println("A stand-in library does not compile: " + String.join(" ", command));
      System.exit(1);
    }
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static FileTime newest(Path sources) throws IOException {
    List<Path> read = new ArrayList<>();
    for (String shared : List.of("double_api.h", "cuda_status.h")) {
      read.add(sources.resolveSibling(shared));
    }
    try (var files = Files.list(sources)) {
      files.forEach(read::add);
    }
    FileTime newest = FileTime.fromMillis(0);
    for (Path file : read) {
      FileTime time = Files.getLastModifiedTime(file);
      newest = time.compareTo(newest) > 0 ? time : newest;
    }
    return newest;
  }
}
