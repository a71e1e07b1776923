import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Plants one bug at a time in the CUDA kernels and runs the family's tests until one fails: each
 * barrier and wait for a signal is removed, each bound shifted by one. Prints which bugs no test
 * saw; run it with {@code scripts/mutate-kernels}.
 *
 * <p>All in one process: g++ makes a library of the family with the bug, which the stand-in driver
 * loads in the place of the sound kernels.
 */
final class MutateKernels {
  private static final Pattern BARRIER =
      Pattern.compile(
          "\\b(__syncthreads|__syncwarp|cluster_sync)\\(\\)|\\bsignal_(wait|expect)\\([^;]*\\)(?=;)");
  private static final Pattern BOUND = Pattern.compile(" (<|<=|>|>=) (?=[\\w(])");
  private static final Pattern INCLUDE = Pattern.compile("#include \"(\\w+\\.cuh)\"");
  private static final String NOTHING = "(void)0";
  private static final String EQUIVALENT = "equivalent: ";

  private final Path module;
  private final Path kernels;
  private final Path work = Files.createTempDirectory("impromptu-mutants-");
  private final BuildDriverDouble build;
  private final Map<String, String> excuses;
  private final DriverDouble driver = DriverDouble.find().orElseThrow();
  private final Map<String, FamilyTests> tests = new HashMap<>();
  private final Map<String, Path> sound = new HashMap<>();

  private MutateKernels(Path module) throws IOException {
    this.module = module;
    kernels = module.resolve("src/main/cuda");
    build = new BuildDriverDouble(module, false);
    excuses = excuses(module.resolve("src/test/mutants.txt"));
  }

  /** One bug: in which file and where, what stood there, what stands there now, who is affected. */
  private record Mutant(
      Path source, int line, int column, String was, String now, List<String> families) {
    String place() {
      return "%s:%d:%d".formatted(source.getFileName(), line, column);
    }

    String text() throws IOException {
      return Files.readAllLines(source).get(line - 1).strip();
    }

    /** What is done to the line; where it has the same several times, to which of them. */
    String change() throws IOException {
      String before = Files.readAllLines(source).get(line - 1).substring(0, column - 1);
      Pattern same = now.equals(NOTHING) ? BARRIER : BOUND;
      long earlier =
          same.matcher(before).results().filter(found -> found.group().strip().equals(was)).count();
      return was + " -> " + now + (earlier == 0 ? "" : " #" + (earlier + 1));
    }

    String planted() throws IOException {
      List<String> lines = new ArrayList<>(Files.readAllLines(source));
      String old = lines.get(line - 1);
      lines.set(
          line - 1, old.substring(0, column - 1) + now + old.substring(column - 1 + was.length()));
      return String.join("\n", lines) + "\n";
    }
  }

  /** What became of it. */
  private enum Fate {
    CAUGHT,
    SURVIVED,
    /** The compiler makes the same of it as without the bug. */
    SAME_CODE,
    NOT_A_PROGRAM
  }

  private record Outcome(Mutant mutant, Fate fate, String text, String change) {}

  public static void main(String[] args) throws Exception {
    Path module = Path.of(args[0]);
    List<String> wanted = List.of(args).subList(1, args.length);
    var mutation = new MutateKernels(module);
    boolean enough;
    try {
      enough = mutation.run(wanted);
    } finally {
      delete(mutation.work);
    }
    System.exit(enough ? 0 : 1);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private boolean run(List<String> wanted) throws Exception {
    List<Mutant> mutants = new ArrayList<>();
    for (Path source : list(".cu", ".cuh")) {
      String name = source.getFileName().toString().replaceAll("\\.cuh?$", "");
      for (Mutant mutant : mutants(source)) {
        if (wanted.isEmpty()
            || wanted.contains(name)
            || wanted.contains(name + ":" + mutant.line)) {
          mutants.add(mutant);
        }
      }
    }
    if (mutants.isEmpty()) {
      Path kernelFolder = module.relativize(kernels);
      System.err.println(
          ("mutate-kernels: nothing to change in %s; expected files of %s without their ending,"
                  + " such as conv or conv:105")
              .formatted(String.join(", ", wanted), kernelFolder));
      return false;
    }
    for (String family :
        mutants.stream().flatMap(mutant -> mutant.families.stream()).distinct().toList()) {
      tests.put(family, new FamilyTests(family, module.resolve("target/test-classes")));
      sound.put(family, object(family, Optional.empty()));
    }
    mutants.forEach(
        mutant ->
            mutant.families.sort(Comparator.comparingLong(family -> tests.get(family).duration())));
    System.out.println(mutants.size() + " mutants");
    List<Outcome> outcomes = new ArrayList<>();
    // The next one is compiled while the tests run on this one.
    try (var compiler = Executors.newSingleThreadExecutor()) {
      Optional<Future<Path>> next = compile(compiler, mutants, 0);
      for (int i = 0; i < mutants.size(); i++) {
        Future<Path> first = next.orElseThrow();
        next = compile(compiler, mutants, i + 1);
        outcomes.add(attempt(mutants.get(i), first, i + 1, mutants.size()));
      }
    }
    return report(outcomes);
  }

  private List<Path> list(String... endings) throws IOException {
    try (Stream<Path> files = Files.list(kernels)) {
      return files
          .filter(file -> Arrays.stream(endings).anyMatch(file.toString()::endsWith))
          .sorted()
          .toList();
    }
  }

  private List<Mutant> mutants(Path source) throws IOException {
    List<String> families = new ArrayList<>();
    for (Path file : list(".cu")) {
      if (reaches(file, source)) {
        families.add(file.getFileName().toString().replace(".cu", ""));
      }
    }
    List<Mutant> found = new ArrayList<>();
    List<String> lines = Files.readAllLines(source);
    int skipped = 0;
    for (int i = 0; i < lines.size(); i++) {
      String code = withoutComment(lines.get(i));
      skipped = conditionsSkipped(code.strip(), skipped);
      if (skipped > 0 || code.strip().startsWith("template") || code.strip().startsWith("#")) {
        continue;
      }
      Matcher barrier = BARRIER.matcher(code);
      while (barrier.find()) {
        found.add(
            new Mutant(source, i + 1, barrier.start() + 1, barrier.group(), NOTHING, families));
      }
      Matcher bound = BOUND.matcher(code);
      while (bound.find()) {
        String was = bound.group(1);
        String now = was.endsWith("=") ? was.substring(0, 1) : was + "=";
        found.add(new Mutant(source, i + 1, bound.start(1) + 1, was, now, families));
      }
    }
    return found;
  }

  /** How many conditions deep the next line is in what only nvcc compiles. */
  private static int conditionsSkipped(String line, int skipped) {
    if (skipped == 0) {
      return line.equals("#ifdef __CUDACC__") ? 1 : 0;
    }
    if (line.startsWith("#if")) {
      return skipped + 1;
    }
    return line.startsWith("#endif") || line.startsWith("#else") && skipped == 1
        ? skipped - 1
        : skipped;
  }

  /** Is it the file itself, or does that include it? */
  private boolean reaches(Path file, Path wanted) throws IOException {
    if (file.equals(wanted)) {
      return true;
    }
    Matcher include = INCLUDE.matcher(Files.readString(file));
    while (include.find()) {
      if (reaches(kernels.resolve(include.group(1)), wanted)) {
        return true;
      }
    }
    return false;
  }

  private static String withoutComment(String line) {
    int comment = line.indexOf("//");
    return comment < 0 ? line : line.substring(0, comment);
  }

  /** For the first of its families. */
  private Optional<Future<Path>> compile(
      ExecutorService compiler, List<Mutant> mutants, int index) {
    if (index == mutants.size()) {
      return Optional.empty();
    }
    Mutant mutant = mutants.get(index);
    return Optional.of(
        compiler.submit(() -> object(mutant.families.getFirst(), Optional.of(mutant))));
  }

  /** The family's kernels, with the bug in them if there is one. */
  private Path object(String family, Optional<Mutant> mutant)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(work, family + "-");
    for (Path file : list(".cu", ".cuh")) {
      boolean planted = mutant.isPresent() && file.equals(mutant.get().source);
      String text = planted ? mutant.get().planted() : Files.readString(file);
      Files.writeString(folder.resolve(file.getFileName()), text);
    }
    return build.kernelObject(folder.resolve(family + ".cu"));
  }

  private Outcome attempt(Mutant mutant, Future<Path> first, int number, int all) throws Exception {
    Instant start = Instant.now();
    Fate fate = Fate.SAME_CODE;
    String catcher = "";
    try {
      for (String family : mutant.families) {
        boolean isFirst = family.equals(mutant.families.getFirst());
        Path object = isFirst ? first.get() : object(family, Optional.of(mutant));
        if (Files.mismatch(object, sound.get(family)) < 0) {
          continue;
        }
        fate = Fate.SURVIVED;
        driver.replaceKernels(Optional.of(build.kernelLibrary(object)));
        Optional<String> failed = tests.get(family).firstFailure();
        driver.replaceKernels(Optional.empty());
        // A test that failed half-way leaves its orders and counters.
        driver.reset();
        if (failed.isPresent()) {
          // Had the failure left something behind, every later mutant would count as caught.
          tests.get(family).requireSound();
          fate = Fate.CAUGHT;
          catcher = "  by " + failed.get();
          break;
        }
      }
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof BuildDriverDouble.DoesNotCompile)) {
        throw e;
      }
      fate = Fate.NOT_A_PROGRAM;
    }
    System.out.printf(
        "%4d/%d %-13s %5d ms  %s: %s -> %s   %s%s%n",
        number,
        all,
        fate,
        Duration.between(start, Instant.now()).toMillis(),
        mutant.place(),
        mutant.was,
        mutant.now,
        mutant.text(),
        catcher);
    return new Outcome(mutant, fate, mutant.text(), mutant.change());
  }

  /** The tests that carry a family's name as a tag, each row of a parameterized one by itself. */
  private static final class FamilyTests {
    private final Launcher launcher = LauncherFactory.create();
    private final List<Each> all = new ArrayList<>();

    private static final class Each {
      private final TestIdentifier test;
      private final Instant begun = Instant.now();
      private long milliseconds;
      private int catches;

      private Each(TestIdentifier test) {
        this.test = test;
      }

      /** The quick ones first, and those that have seen other bugs. */
      private double rank() {
        return (1.0 + milliseconds) / (1 + catches);
      }
    }

    /** Runs them once, on sound kernels. */
    FamilyTests(String family, Path classes) {
      var failures = new ArrayList<String>();
      launcher.execute(
          LauncherDiscoveryRequestBuilder.request()
              .selectors(DiscoverySelectors.selectClasspathRoots(Set.of(classes)))
              .filters(TagFilter.includeTags(family))
              .build(),
          new TestExecutionListener() {
            private Each latest;

            @Override
            public void executionStarted(TestIdentifier test) {
              latest = new Each(test);
            }

            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
              if (test.isTest()) {
                latest.milliseconds = Duration.between(latest.begun, Instant.now()).toMillis();
                all.add(latest);
              }
              result.getThrowable().ifPresent(e -> failures.add(test.getDisplayName() + ": " + e));
            }
          });
      if (all.isEmpty() || !failures.isEmpty()) {
        throw new IllegalStateException(
            "Of the " + all.size() + " tests of " + family + " without a bug fail: " + failures);
      }
      System.out.printf("%s: %d tests, %d ms%n", family, all.size(), duration());
    }

    long duration() {
      return all.stream().mapToLong(each -> each.milliseconds).sum();
    }

    /** The first test that fails, if one does. */
    Optional<String> firstFailure() {
      all.sort(Comparator.comparingDouble(Each::rank));
      for (Each each : all) {
        if (fails(each)) {
          each.catches++;
          return Optional.of(each.test.getLegacyReportingName() + " " + each.test.getDisplayName());
        }
      }
      return Optional.empty();
    }

    void requireSound() {
      all.stream()
          .min(Comparator.comparingLong(each -> each.milliseconds))
          .filter(this::fails)
          .ifPresent(
              each -> {
                throw new IllegalStateException(
                    each.test.getDisplayName() + " fails on the sound kernels after a bug");
              });
    }

    private boolean fails(Each each) {
      var failures = new ArrayList<Throwable>();
      launcher.execute(
          LauncherDiscoveryRequestBuilder.request()
              .selectors(DiscoverySelectors.selectUniqueId(each.test.getUniqueId()))
              .build(),
          new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
              result.getThrowable().ifPresent(failures::add);
            }
          });
      return !failures.isEmpty();
    }
  }

  /** Lines of {@code file.cu | line text | change | reason}. */
  private static Map<String, String> excuses(Path file) throws IOException {
    Map<String, String> excuses = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      if (!line.startsWith("#")) {
        // A line of code may hold what stands between the parts.
        int reason = line.lastIndexOf(" | ");
        excuses.put(line.substring(0, reason), line.substring(reason + 3).strip());
      }
    }
    return excuses;
  }

  private String excuse(Outcome outcome) {
    return excuses.getOrDefault(
        "%s | %s | %s".formatted(outcome.mutant.source.getFileName(), outcome.text, outcome.change),
        "NO REASON GIVEN in src/test/mutants.txt");
  }

  private static long count(List<Outcome> outcomes, Fate fate) {
    return outcomes.stream().filter(outcome -> outcome.fate == fate).count();
  }

  private boolean report(List<Outcome> outcomes) {
    List<Outcome> survivors =
        outcomes.stream().filter(outcome -> outcome.fate == Fate.SURVIVED).toList();
    long caught = count(outcomes, Fate.CAUGHT);
    long same = count(outcomes, Fate.SAME_CODE);
    long programs = caught + same + survivors.size();
    long equivalent =
        same + survivors.stream().filter(outcome -> excuse(outcome).startsWith(EQUIVALENT)).count();
    System.out.printf(
        "%n%d mutants, %d of them programs, %d of these equivalent, %d of these the same code: %d"
            + " caught, that is %.1f %% of all programs and %.1f %% of those that are not"
            + " equivalent%nsurvivors:%n",
        outcomes.size(),
        programs,
        equivalent,
        same,
        caught,
        100.0 * caught / programs,
        100.0 * caught / (programs - equivalent));
    for (Outcome outcome : survivors) {
      System.out.printf(
          "  %s  %s  %s%n      %s%n",
          outcome.mutant.place(), outcome.change, outcome.text, excuse(outcome));
    }
    return 10 * caught >= 9 * (programs - equivalent);
  }
}
