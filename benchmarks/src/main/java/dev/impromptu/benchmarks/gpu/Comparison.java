package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.Precision;
import dev.impromptu.benchmarks.Samples;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Checks and times all implementations of one piece of work after another. */
final class Comparison {
  private static final int LONGEST_REASON = 160;

  private final Chip chip;
  private final Options options;
  private final Report report;
  private final long start = System.nanoTime();

  Comparison(Chip chip, Options options, Report report) {
    this.chip = chip;
    this.options = options;
    this.report = report;
  }

  /**
   * An implementation that may refuse the work.
   *
   * @param name who does it
   * @param precision of its products
   * @param own whether it is Impromptu's: then a failure is a mistake, not a refusal
   */
  record Candidate(String name, Precision precision, boolean own, Supplier<Variant> prepare) {}

  /**
   * Times them.
   *
   * @param piece of the benchmark
   * @param work with all its sizes
   * @param against whose results are expected
   * @param expected computed where time is left
   * @return whether there was time
   */
  boolean run(
      String piece,
      String work,
      List<Candidate> candidates,
      String against,
      Supplier<List<Result>> expected) {
    if (System.nanoTime() - start > options.seconds() * 1_000_000_000L) {
      report.leaveOut(piece + ": " + work);
      return false;
    }
    report.progress(piece + ": " + work);
    List<Result> right = expected.get();
    for (Candidate candidate : candidates) {
      try (Variant variant = candidate.prepare.get()) {
        Verdict verdict = Verdict.of(variant.results(), right, candidate.precision, against);
        for (Variant.Task task : variant.tasks()) {
          var rows = new Rows(piece, work, task.name(), candidate);
          if (verdict.right()) {
            time(rows, variant, task, verdict.words());
          } else {
            rows.add("direct", "WRONG: " + verdict.words(), null);
            report.mistake();
          }
        }
      } catch (RuntimeException e) {
        new Rows(piece, work, "", candidate)
            .add("direct", (candidate.own ? "FAILED: " : "refused: ") + reason(e), null);
        if (candidate.own) {
          report.mistake();
        }
        // A device that is lost answers no more: that ends the run.
        chip.synchronize();
      }
    }
    return true;
  }

  private void time(Rows rows, Variant variant, Variant.Task task, String words) {
    rows.add("direct", words, chip.time(task.sets(), options.effort()));
    List<Variant.Replay> replays = List.of();
    try {
      replays = task.sets().stream().map(variant::record).flatMap(Optional::stream).toList();
      if (!replays.isEmpty()) {
        rows.add("graph", words, chip.time(List.<Runnable>copyOf(replays), options.effort()));
      }
    } catch (RuntimeException e) {
      rows.add("graph", "not recorded: " + reason(e), null);
      chip.synchronize();
    } finally {
      replays.forEach(Variant.Replay::close);
    }
  }

  static String reason(RuntimeException e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String words = message.isEmpty() || message.equals("null") ? e.toString() : message;
    // The call stands first and the status last; the arguments between are the least.
    return words.length() <= LONGEST_REASON
        ? words
        : words.substring(0, 60) + " … " + words.substring(words.length() - LONGEST_REASON + 63);
  }

  /** What all rows of one task have in common. */
  private final class Rows {
    private final String piece;
    private final String work;
    private final String what;
    private final Candidate candidate;

    Rows(String piece, String work, String what, Candidate candidate) {
      this.piece = piece;
      this.work = work;
      this.what = what;
      this.candidate = candidate;
    }

    void add(String mode, String verdict, @Nullable Samples samples) {
      report.add(
          new Row(
              piece,
              work,
              what,
              candidate.name,
              candidate.precision.optionName(),
              mode,
              verdict,
              samples));
    }
  }
}
