import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Plants one bug at a time in the CUDA kernels, builds the stand-in driver with it and runs the
 * family's tests: each barrier is removed, each bound shifted by one. Prints which bugs no test
 * saw; run it with {@code scripts/mutate-kernels}.
 */
final class MutateKernels {
  private static final Pattern BARRIER =
      Pattern.compile(
          "\\b(__syncthreads|__syncwarp|cluster_sync|cluster_arrive|cluster_wait)\\(\\)");
  private static final Pattern BOUND = Pattern.compile(" (<|<=|>|>=) (?=[\\w(])");
  private static final int SECONDS_A_MUTANT = 240;

  private final Path module;
  private final String classPath;
  private final Map<String, String> excuses;
  private final AtomicInteger done = new AtomicInteger();

  private MutateKernels(Path module) throws IOException {
    this.module = module;
    classPath = Files.readString(module.resolve("target/test-classpath")).strip();
    excuses = excuses(module.resolve("src/test/mutants.txt"));
  }

  /** One bug: where, what stood there, what stands there now. */
  private record Mutant(String family, Path source, int line, int column, String was, String now) {
    String place() {
      return "%s:%d:%d".formatted(source.getFileName(), line, column);
    }
  }

  /** What became of it. */
  private enum Fate {
    CAUGHT,
    SURVIVED,
    NOT_A_PROGRAM
  }

  private record Outcome(Mutant mutant, Fate fate, String text) {}

  public static void main(String[] args) throws Exception {
    Path module = Path.of(args[0]);
    List<String> wanted = List.of(args).subList(1, args.length);
    System.exit(new MutateKernels(module).run(wanted) ? 0 : 1);
  }

  private boolean run(List<String> wanted) throws Exception {
    List<Mutant> mutants = new ArrayList<>();
    for (Path source : sources()) {
      String family = source.getFileName().toString().replace(".cu", "");
      if (wanted.isEmpty() || wanted.contains(family)) {
        mutants.addAll(mutants(family, source));
      }
    }
    System.out.println(mutants.size() + " mutants");
    List<Outcome> outcomes = new ArrayList<>();
    try (var workers = Executors.newFixedThreadPool(2)) {
      var running =
          mutants.stream().map(m -> workers.submit(() -> attempt(m, mutants.size()))).toList();
      for (var each : running) {
        outcomes.add(each.get());
      }
    }
    return report(outcomes);
  }

  private List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.list(module.resolve("src/main/cuda"))) {
      return files.filter(file -> file.toString().endsWith(".cu")).sorted().toList();
    }
  }

  private static List<Mutant> mutants(String family, Path source) throws IOException {
    List<Mutant> found = new ArrayList<>();
    List<String> lines = Files.readAllLines(source);
    for (int i = 0; i < lines.size(); i++) {
      String code = withoutComment(lines.get(i));
      if (code.strip().startsWith("template") || code.strip().startsWith("#")) {
        continue;
      }
      Matcher barrier = BARRIER.matcher(code);
      while (barrier.find()) {
        found.add(
            new Mutant(family, source, i + 1, barrier.start() + 1, barrier.group(), "(void)0"));
      }
      Matcher bound = BOUND.matcher(code);
      while (bound.find()) {
        String was = bound.group(1);
        String now = was.endsWith("=") ? was.substring(0, 1) : was + "=";
        found.add(new Mutant(family, source, i + 1, bound.start(1) + 1, was, now));
      }
    }
    return found;
  }

  private static String withoutComment(String line) {
    int comment = line.indexOf("//");
    return comment < 0 ? line : line.substring(0, comment);
  }

  private Outcome attempt(Mutant mutant, int all) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("impromptu-mutant-");
    try {
      List<String> lines = new ArrayList<>(Files.readAllLines(mutant.source));
      String line = lines.get(mutant.line - 1);
      int at = mutant.column - 1;
      String changed =
          line.substring(0, at) + mutant.now + line.substring(at + mutant.was.length());
      lines.set(mutant.line - 1, changed);
      Path source = folder.resolve(mutant.source.getFileName());
      Files.write(source, lines);
      Fate fate = build(folder, source) ? test(folder, mutant.family) : Fate.NOT_A_PROGRAM;
      System.out.printf(
          "%4d/%d %-14s %s: %s -> %s   %s%n",
          done.incrementAndGet(), all, fate, mutant.place(), mutant.was, mutant.now, line.strip());
      return new Outcome(mutant, fate, line.strip());
    } finally {
      delete(folder);
    }
  }

  private boolean build(Path folder, Path source) throws IOException, InterruptedException {
    return execute(
            folder,
            Map.of(),
            java(),
            module.resolve("../scripts/BuildDriverDouble.java").toString(),
            module.toString(),
            "--out=" + folder,
            "--replace=" + source)
        == 0;
  }

  private Fate test(Path folder, String family) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(java(), "-Xmx1g", "--add-modules", "jdk.incubator.vector"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-Dimpromptu.require=driver-double", "-Dimpromptu.cuda.pool=exact"));
    command.addAll(
        List.of("-cp", classPath, "org.junit.platform.console.ConsoleLauncher", "execute"));
    command.addAll(List.of("--disable-banner", "--details=none", "--fail-if-no-tests"));
    command.add("--include-tag=" + family);
    command.add("--scan-classpath=" + module.resolve("target/test-classes"));
    var environment = Map.of("LD_LIBRARY_PATH", folder.toString());
    return execute(folder, environment, command.toArray(String[]::new)) == 0
        ? Fate.SURVIVED
        : Fate.CAUGHT;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static int execute(Path folder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    File log = folder.resolve("log").toFile();
    var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (process.waitFor(SECONDS_A_MUTANT, TimeUnit.SECONDS)) {
      return process.exitValue();
    }
    process.destroyForcibly().waitFor();
    return -1;
  }

  /** A survivor that is no bug, by file and text of its line, with the reason. */
  private static Map<String, String> excuses(Path file) throws IOException {
    Map<String, String> excuses = new LinkedHashMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        String[] parts = line.split(" \\| ", 3);
        if (parts.length == 3 && !line.startsWith("#")) {
          excuses.put(parts[0].strip() + " | " + parts[1].strip(), parts[2].strip());
        }
      }
    }
    return excuses;
  }

  private boolean report(List<Outcome> outcomes) {
    long programs = outcomes.stream().filter(o -> o.fate != Fate.NOT_A_PROGRAM).count();
    long caught = outcomes.stream().filter(o -> o.fate == Fate.CAUGHT).count();
    System.out.printf(
        "%n%d mutants, %d of them programs, %d caught: %.1f %%%n",
        outcomes.size(), programs, caught, 100.0 * caught / Math.max(1, programs));
    System.out.println("survivors:");
    outcomes.stream()
        .filter(o -> o.fate == Fate.SURVIVED)
        .sorted(Comparator.comparing(o -> o.mutant.place()))
        .forEach(
            o -> {
              String key = o.mutant.source.getFileName() + " | " + o.text;
              System.out.printf(
                  "  %s  %s -> %s  %s%n      %s%n",
                  o.mutant.place(),
                  o.mutant.was,
                  o.mutant.now,
                  o.text,
                  excuses.getOrDefault(key, "NO REASON GIVEN in src/test/mutants.txt"));
            });
    return 10 * caught >= 9 * programs;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
