package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.Samples;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

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
    text.append(format("- peak: %s GFLOP/s, the faster library's product of 1024 × 1024 × 1024\n"));
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
      results.row(row.name()).ifPresent(measured -> text.append(line(row, measured)));
    }
    text.append(disturbed());
    return text.toString();
  }

  private String format(String line) {
    double peak = results.peak();
    return line.formatted(Double.isNaN(peak) ? NONE : number(peak * 1e-9));
  }

  private List<String> peers() {
    return results.rows().stream().map(Measured::peer).distinct().toList();
  }

  private String line(Row row, Measured measured) {
    Measured.Side theirs = measured.theirs();
    Measured.Side fastest = measured.theirFastest();
    double flops = measured.ours().speed().median() * row.task().flops() / row.task().items();
    boolean comparable = !row.oneThread() && !Double.isNaN(results.peak());
    return "| %s | %s/s | %s | %s | **%s** | %s | %s: %s | %s | %s |\n"
        .formatted(
            row.title(),
            row.task().unit(),
            number(measured.ours().speed().median()),
            number(theirs.speed().median()),
            spread(theirs.ratio()),
            row.target().isPresent() ? number(row.target().getAsDouble()) : NONE,
            fastest.name(),
            number(fastest.speed().median()),
            spread(fastest.ratio()),
            comparable ? Math.round(100 * flops / results.peak()) + " %" : NONE);
  }

  private String disturbed() {
    List<Measured> rows =
        results.rows().stream().filter(row -> row.otherLoad() > OtherLoad.MOST).toList();
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
    double[] values = samples.values();
    return "%s (%s to %s)"
        .formatted(number(samples.median()), number(values[0]), number(values[values.length - 1]));
  }

  /** Three digits; more would be noise. */
  static String number(double value) {
    int decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
