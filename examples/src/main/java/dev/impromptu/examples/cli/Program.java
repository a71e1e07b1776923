package dev.impromptu.examples.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line as a whole. */
@Command(
    name = "impromptu",
    description = "Trains neural networks on piano music and composes with them.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    usageHelpAutoWidth = true,
    footer = {
      "",
      "Results go to standard output as 'name: value' lines, progress to standard error.",
      "Exit status: 0 done, 1 bad input, 2 bad usage, 130 stopped by Ctrl-C."
    })
public final class Program implements Callable<Integer> {
  private static final String TRACE = "--trace";

  @Option(
      names = TRACE,
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error (default: one sentence).")
  private boolean trace;

  private Program() {}

  /**
   * Runs the program within this process.
   *
   * @param out for results
   * @param err for progress and errors
   * @return the exit status
   */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    // What programs read must not depend on where the user lives.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    List<String> words = List.of(args);
    var session = new Session(out, err, words);
    boolean training =
        words.stream()
            .filter(word -> !word.startsWith("-"))
            .findFirst()
            .equals(Optional.of("train"));
    var failures = new Failures(err, words.contains(TRACE), training);
    session.interruption().begun();
    try {
      return commandLine(session)
          .setOut(out)
          .setErr(err)
          .setParameterExceptionHandler(failures)
          .setExecutionExceptionHandler(failures)
          .execute(args);
    } catch (Throwable e) {
      return failures.report(e);
    } finally {
      out.flush();
      err.flush();
      session.interruption().finished();
    }
  }

  static CommandLine commandLine(Session session) {
    var commandLine = new CommandLine(new Program());
    List.of(
            new DemoCommand(session),
            new DatasetCommand(session),
            new TrainCommand(session),
            new EvaluateCommand(session),
            new ComposeCommand(session),
            new SinusoidCommand(session),
            new PlayCommand(session),
            new InspectCommand(session),
            new BenchCommand(session),
            new DoctorCommand(session))
        .forEach(commandLine::addSubcommand);
    // What it does not know it hands on.
    commandLine.getSubcommands().get("bench").setUnmatchedOptionsArePositionalParams(true);
    return commandLine;
  }

  @Override
  public Integer call() {
    throw new UsageException(
        "Expected a command, met none; for a first piece of music run 'impromptu demo', for all"
            + " commands 'impromptu --help'");
  }
}
