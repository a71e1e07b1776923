import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Compiles the stand-in CUDA driver and the kernels for the host with g++, where there is one; run
 * by the build. Where there is none the tests that need it are skipped, or fail if they are
 * required.
 *
 * <p>{@code java BuildDriverDouble.java MODULE [options]}
 *
 * <ul>
 *   <li>{@code --asan}: builds the program that replays recorded launches under AddressSanitizer
 *       instead
 * </ul>
 */
final class BuildDriverDouble {
  private static final Pattern KERNEL =
      Pattern.compile(
          "extern\\s+\"C\"\\s+__global__\\s+"
              + "((?:(?:void\\b|__launch_bounds__\\s*\\([^()]*\\)|__cluster_dims__\\s*\\([^()]*\\))\\s*)+)"
              + "(\\w+)\\s*\\(");
  private static final Pattern BOUNDS = Pattern.compile("__launch_bounds__\\s*\\(([^(),]*)");
  private static final Pattern CLUSTER = Pattern.compile("__cluster_dims__\\s*\\(([^()]*)\\)");
  private static final Pattern COMMENT = Pattern.compile("//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);

  /** The main function of the program that replays recorded launches. */
  private static final String REPLAY = "replay_main.cpp";

  private static final String DRIVER = "libcuda.so.1";

  private final Path module;

  private final Path out;
  private final boolean asan;

  BuildDriverDouble(Path module, boolean asan) {
    this.module = module;
    this.asan = asan;
    out = module.resolve(asan ? "target/driver-double-asan" : "target/driver-double");
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path module = Path.of(args[0]).toAbsolutePath().normalize();
    boolean asan = false;
    for (String option : List.of(args).subList(1, args.length)) {
      if (!option.equals("--asan")) {
        throw new IllegalArgumentException("No such option: " + option);
      }
      asan = true;
    }
    var build = new BuildDriverDouble(module, asan);
    if (!System.getProperty("os.name").equals("Linux") || !works("g++", "--version")) {
      System.out.println(
          "The CUDA tests are skipped: they run on Linux and need g++ (-Dimpromptu.require=driver-double fails"
              + " instead).");
      Files.deleteIfExists(build.out.resolve(DRIVER));
      return;
    }
    try {
      build.run();
    } catch (DoesNotCompile e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private void run() throws IOException, InterruptedException {
    Path objects = Files.createDirectories(out.resolve("objects"));
    List<Callable<Path>> tasks = new ArrayList<>();
    for (Path source : list(module.resolve("src/test/cpp"), ".cpp")) {
      String name = source.getFileName().toString();
      if (asan || !name.equals(REPLAY)) {
        tasks.add(() -> compile(source, objects.resolve(name + ".o"), flags()));
      }
    }
    for (String folder : List.of("src/main/cuda", "src/test/cuda")) {
      for (Path source : list(module.resolve(folder), ".cu")) {
        String name = source.getFileName().toString();
        Path table = objects.resolve(name + ".cpp");
        writeIfChanged(table, kernelTable(source));
        tasks.add(() -> compile(table, objects.resolve(name + ".o"), kernelFlags()));
      }
    }
    List<Path> parts = runAll(tasks);
    if (asan) {
      link(out.resolve("replay"), parts, List.of());
      return;
    }
    link(out.resolve(DRIVER), parts, List.of("-shared", "-Wl,-soname," + DRIVER, "-Wl,-z,defs"));
  }

  /**
   * Compiles one kernel file by itself, next to it, the same in whatever folder it lies. Warnings
   * are no errors here.
   */
  Path kernelObject(Path source) throws IOException, InterruptedException {
    Path table = Path.of(source + ".cpp");
    Files.writeString(table, kernelTable(source));
    Path object = Path.of(source + ".o");
    List<String> command = kernelFlags();
    command.addAll(List.of("-w", "-g0", "-O1", "-DKERNELS_APART"));
    command.add("-fmacro-prefix-map=" + source.getParent() + "=.");
    command.addAll(List.of("-c", table.toString(), "-o", object.toString()));
    execute(command);
    return object;
  }

  /**
   * Links a kernel file's object, next to it, into a library that a running double can load in the
   * place of the kernels that it was built with.
   */
  Path kernelLibrary(Path object) throws IOException, InterruptedException {
    Path library = Path.of(object + ".so");
    String driver = out.resolve(DRIVER).toString();
    execute(List.of("g++", "-shared", object.toString(), driver, "-o", library.toString()));
    return library;
  }

  /** Includes a kernel file and registers each kernel that it defines. */
  private static String kernelTable(Path source) throws IOException {
    String text = COMMENT.matcher(Files.readString(source)).replaceAll(" ");
    var table = new StringBuilder();
    table.append("#include \"host_cuda.h\"\n\n#include \"").append(source).append("\"\n\n");
    table.append("#include \"kernels.h\"\n\n");
    Matcher kernel = KERNEL.matcher(text);
    while (kernel.find()) {
      Matcher bounds = BOUNDS.matcher(kernel.group(1));
      Matcher cluster = CLUSTER.matcher(kernel.group(1));
      boolean clusters = cluster.find();
      List<String> blocks = new ArrayList<>();
      if (clusters) {
        blocks.addAll(List.of(cluster.group(1).split(",")));
      }
      while (blocks.size() < 3) {
        blocks.add("1");
      }
      table
          .append("HOST_KERNEL(")
          .append(String.join(", ", kernel.group(2), "\"" + source.getFileName() + "\""))
          .append(", ")
          .append(bounds.find() ? bounds.group(1) : "1024")
          .append(", ")
          .append(clusters)
          .append(", {")
          .append(String.join(", ", blocks))
          .append("});\n");
    }
    return table.toString();
  }

  private List<String> flags() {
    List<String> flags =
        new ArrayList<>(List.of("g++", "-std=c++17", "-g", "-fPIC", "-fvisibility=hidden"));
    flags.addAll(
        asan
            ? List.of("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
            : List.of("-O2"));
    // Contracted products would give other bits than Java.
    flags.addAll(List.of("-ffp-contract=off", "-Wall", "-Wextra", "-Werror"));
    // A large frame must meet the guard page below a thread's stack, not step over it.
    flags.add("-fstack-clash-protection");
    // nvcc's #pragma unroll says nothing to g++.
    flags.add("-Wno-unknown-pragmas");
    flags.addAll(List.of("-I", module.resolve("src/test/cpp").toString()));
    flags.addAll(List.of("-I", module.resolve("src/main/cuda").toString()));
    return flags;
  }

  private List<String> kernelFlags() {
    List<String> flags = flags();
    if (!asan) {
      // Puts a call before each access; access_checks.cpp answers it, not that sanitizer's library.
      flags.add("-fsanitize=thread");
      // Likewise where an index leaves a local array, or an address is no multiple of what the type
      // needs.
      flags.addAll(List.of("-fsanitize=bounds,alignment", "-fno-sanitize-recover=all"));
    }
    return flags;
  }

  /** Only if the source, a header that it includes or the command changed since the last time. */
  private Path compile(Path source, Path object, List<String> flags)
      throws IOException, InterruptedException {
    Path dependencies = Path.of(object + ".d");
    List<String> command = new ArrayList<>(flags);
    command.addAll(List.of("-MMD", "-MF", dependencies.toString()));
    command.addAll(List.of("-c", source.toString(), "-o", object.toString()));
    Path stamp = Path.of(object + ".command");
    String line = String.join(" ", command);
    if (!isStale(object, dependencies) && contains(stamp, line)) {
      return object;
    }
    Files.deleteIfExists(stamp);
    execute(command);
    Files.writeString(stamp, line);
    return object;
  }

  private static boolean isStale(Path object, Path dependencies) throws IOException {
    if (!Files.exists(object) || !Files.exists(dependencies)) {
      return true;
    }
    FileTime built = Files.getLastModifiedTime(object);
    String rule = Files.readString(dependencies).replace("\\\n", " ");
    // A blank within a path has a backslash before it.
    for (String file : rule.substring(rule.indexOf(": ") + 2).trim().split("(?<!\\\\)\\s+")) {
      Path path = Path.of(file.replace("\\ ", " "));
      if (!Files.exists(path) || Files.getLastModifiedTime(path).compareTo(built) >= 0) {
        return true;
      }
    }
    return false;
  }

  private void link(Path result, List<Path> parts, List<String> options)
      throws IOException, InterruptedException {
    Path stamp = out.resolve("objects").resolve(result.getFileName() + ".command");
    List<String> command = new ArrayList<>(List.of("g++"));
    command.addAll(options);
    if (asan) {
      command.add("-fsanitize=address,undefined");
    }
    parts.forEach(part -> command.add(part.toString()));
    command.addAll(List.of("-pthread", "-o"));
    String line = String.join(" ", command);
    if (Files.exists(result) && contains(stamp, line) && isNewest(result, parts)) {
      return;
    }
    // Elsewhere first: a JVM may have the old file mapped.
    Path fresh = Files.createTempFile(out, result.getFileName().toString(), ".new");
    command.add(fresh.toString());
    try {
      execute(command);
      Files.move(fresh, result, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
    Files.writeString(stamp, line);
  }

  private static boolean isNewest(Path result, List<Path> parts) throws IOException {
    FileTime built = Files.getLastModifiedTime(result);
    for (Path part : parts) {
      if (Files.getLastModifiedTime(part).compareTo(built) > 0) {
        return false;
      }
    }
    return true;
  }

  private static List<Path> runAll(List<Callable<Path>> tasks)
      throws IOException, InterruptedException {
    List<Path> parts = new ArrayList<>();
    var workers =
        Executors.newFixedThreadPool(Math.min(4, Runtime.getRuntime().availableProcessors()));
    try {
      for (var task : workers.invokeAll(tasks)) {
        parts.add(task.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DoesNotCompile failed) {
        throw failed;
      }
      throw new IOException(e.getCause());
    } finally {
      workers.shutdown();
    }
    return parts;
  }

  private static void execute(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new DoesNotCompile(
          "The stand-in CUDA driver does not compile: "
              + String.join(" ", command)
              + "\n"
              + output);
    }
    System.out.print(output);
  }

  private static List<Path> list(Path folder, String ending) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static boolean contains(Path file, String text) throws IOException {
    return Files.exists(file) && Files.readString(file).equals(text);
  }

  private static void writeIfChanged(Path file, String text) throws IOException {
    if (!contains(file, text)) {
      Files.writeString(file, text);
    }
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

  /** The compiler's own words. */
  static final class DoesNotCompile extends RuntimeException {
    DoesNotCompile(String message) {
      super(message);
    }
  }
}
