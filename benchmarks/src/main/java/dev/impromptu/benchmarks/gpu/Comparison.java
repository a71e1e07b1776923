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
   * What all of them do.
   *
   * @param piece of the benchmark
   * @param name with all sizes
   * @param cached whether all sets of inputs together stay in the chip's last cache
   * @param against whose results are expected
   * @param expected computed where time is left
   */
  record Work(
      String piece, String name, boolean cached, String against, Supplier<List<Result>> expected) {}

  /**
   * Times them.
   *
   * @return whether there was time
   */
  boolean run(Work work, List<Candidate> candidates) {
    String title = work.piece + ": " + work.name;
    if (System.nanoTime() - start > options.seconds() * 1_000_000_000L) {
      report.leaveOut(title);
      return false;
    }
    report.progress(title);
    List<Result> right = work.expected.get();
    for (Candidate candidate : candidates) {
      try (Variant variant = candidate.prepare.get()) {
        for (Variant.Task task : variant.tasks()) {
          time(new Rows(work, right, task.name(), candidate), variant, task);
        }
      } catch (RuntimeException e) {
        new Rows(work, right, "", candidate)
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

  private void time(Rows rows, Variant variant, Variant.Task task) {
    if (!rows.time("direct", task.results(), task.sets())) {
      return;
    }
    List<Variant.Replay> replays = List.of();
    try {
      replays = task.sets().stream().map(variant::record).flatMap(Optional::stream).toList();
      if (!replays.isEmpty()) {
        // Recording computes nothing: what a replay leaves is looked at by itself.
        rows.time("graph", task.check().after(replays.getFirst()), List.copyOf(replays));
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
    private final Work work;
    private final List<Result> right;
    private final String what;
    private final Candidate candidate;

    Rows(Work work, List<Result> right, String what, Candidate candidate) {
      this.work = work;
      this.right = right;
      this.what = what;
      this.candidate = candidate;
    }

    /** Times what was computed rightly; tells whether it was. */
    boolean time(String mode, List<Result> met, List<Runnable> sets) {
      Verdict verdict = Verdict.of(met, right, candidate.precision, work.against);
      if (!verdict.right()) {
        add(mode, "WRONG: " + verdict.words(), null);
        report.mistake();
        return false;
      }
      String words = verdict.words() + (work.cached ? "; inputs stay in the cache" : "");
      add(mode, words, chip.time(sets, options.effort()));
      return true;
    }

    void add(String mode, String verdict, @Nullable Samples samples) {
      report.add(
          new Row(
              work.piece,
              work.name,
              what,
              candidate.name,
              candidate.precision.optionName(),
              mode,
              verdict,
              samples));
    }
  }
}
