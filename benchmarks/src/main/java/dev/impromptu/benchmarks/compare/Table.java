package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.Samples;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The results for people, as Markdown. */
final class Table {
  private static final String NONE = "—";

  private final Results results;

  Table(Results results) {
    this.results = results;
  }

  String markdown() {
    var text = new StringBuilder("# Impromptu beside PyTorch\n\n");
    text.append("Written by `./impromptu bench --peers`; ");
    text.append("docs/benchmarks.md says what is compared and how.\n\n");
    results.machine().forEach(line -> text.append("- ").append(line).append('\n'));
    peers().forEach(peer -> text.append("- compared with ").append(peer).append('\n'));
    results.newest().ifPresent(session -> text.append(session(session)));
    results
        .firstStep()
        .ifPresent(
            seconds ->
                text.append(
                    "- first training step: %s s after the start of the JVM (target: below 1)\n"
                        .formatted(spread(seconds))));
    text.append(
        """

        The ratio is Impromptu's speed divided by PyTorch's in the same round: the median, and the lowest to the highest. \
        "As it comes" means the same number of threads and nothing else set; "fastest setting" is the best of one thread \
        or all, with or without oneDNN, chosen for this row. Above 1 Impromptu is faster.

        | work | counted | Impromptu | PyTorch as it comes | ratio | to reach | PyTorch's fastest setting | ratio | of the peak |
        |---|---|---:|---:|---|---:|---|---|---:|
        """);
    for (Row row : Row.all()) {
      results.timed(row.name()).ifPresent(timed -> text.append(line(row, timed)));
    }
    text.append(older());
    text.append(disturbed());
    return text.toString();
  }

  private static String session(Session session) {
    return """
        - measured %s, commit %s
        - peak: %s GFLOP/s, the faster library's product of 1024 × 1024 × 1024
        """
        .formatted(session.date(), session.commit(), number(session.peak() * 1e-9));
  }

  private Stream<Measured> measured() {
    return results.rows().stream().map(Results.Timed::measured);
  }

  private List<String> peers() {
    return measured().map(Measured::peer).distinct().toList();
  }

  private String line(Row row, Results.Timed timed) {
    Measured measured = timed.measured();
    Measured.Side theirs = measured.theirs();
    Measured.Side fastest = measured.theirFastest();
    double flops = measured.ours().speed().median() * row.task().flops() / row.task().items();
    boolean older = !results.newest().equals(Optional.of(timed.session()));
    return "| %s | %s/s | %s | %s | **%s** | %s | %s: %s | %s | %s |\n"
        .formatted(
            older ? row.title() + " (" + timed.session().date() + ")" : row.title(),
            row.task().unit(),
            number(measured.ours().speed().median()),
            number(theirs.speed().median()),
            spread(theirs.ratio()),
            row.target().isPresent() ? number(row.target().getAsDouble()) : NONE,
            fastest.name(),
            number(fastest.speed().median()),
            spread(fastest.ratio()),
            row.oneThread() ? NONE : Math.round(100 * timed.share(flops)) + " %");
  }

  private String older() {
    List<Session> sessions =
        results.rows().stream()
            .map(Results.Timed::session)
            .distinct()
            .filter(session -> !results.newest().equals(Optional.of(session)))
            .toList();
    if (sessions.isEmpty()) {
      return "";
    }
    return "\nRows with a date are of another run than the newest, each a share of its own run's peak: %s.\n"
        .formatted(
            sessions.stream()
                .map(
                    session ->
                        "%s, commit %s, peak %s GFLOP/s"
                            .formatted(
                                session.date(), session.commit(), number(session.peak() * 1e-9)))
                .collect(Collectors.joining("; ")));
  }

  private String disturbed() {
    List<Measured> rows = measured().filter(row -> row.otherLoad() > OtherLoad.MOST).toList();
    if (rows.isEmpty()) {
      return "";
    }
    return "\nNot quiet: other processes took more than %s of a processor while these were measured: %s.\n"
        .formatted(
            OtherLoad.MOST,
            rows.stream()
                .map(row -> "%s (%s)".formatted(row.row(), number(row.otherLoad())))
                .collect(Collectors.joining(", ")));
  }

  private static String spread(Samples samples) {
    return "%s (%s to %s)"
        .formatted(number(samples.median()), number(samples.least()), number(samples.most()));
  }

  /** Three digits; more would be noise. */
  static String number(double value) {
    int decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
