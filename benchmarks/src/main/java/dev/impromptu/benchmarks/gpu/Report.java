package dev.impromptu.benchmarks.gpu;

import dev.impromptu.benchmarks.Samples;
import dev.impromptu.io.Json;
import dev.impromptu.io.JsonArray;
import dev.impromptu.io.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Everything that was found out: for people as Markdown, for programs as JSON. */
final class Report {
  private static final String NOT_TIMED = "—";

  private final Optional<String> warning;
  private final PrintStream progress;
  private final List<String> header = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();
  private final List<Target> targets = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean mistaken;

  /**
   * Starts an empty one.
   *
   * @param warning why times are no results; the report then holds none
   * @param progress told what is done at the moment
   */
  Report(Optional<String> warning, PrintStream progress) {
    this.warning = warning;
    this.progress = progress;
  }

  /** Says what is done now. */
  void progress(String what) {
    progress.println(what);
  }

  void header(String line) {
    header.add(line);
  }

  void note(String line) {
    notes.add(line);
  }

  void leaveOut(String work) {
    notes.add("out of time, not done: " + work);
  }

  /** Something of Impromptu's own failed or was wrong. */
  void mistake() {
    mistaken = true;
  }

  boolean isMistaken() {
    return mistaken;
  }

  void add(Row row) {
    rows.add(
        warning.isEmpty()
            ? row
            : new Row(
                row.piece(),
                row.work(),
                row.what(),
                row.variant(),
                row.precision(),
                row.mode(),
                row.verdict(),
                null));
  }

  /** A target that has to be met whatever the chip is marks the run as mistaken where it is not. */
  void add(Target target, boolean always) {
    targets.add(target);
    mistaken |= always && !target.met().equals("yes");
  }

  List<Row> rows() {
    return List.copyOf(rows);
  }

  boolean hasResults() {
    return warning.isEmpty();
  }

  private Map<String, List<Row>> groups() {
    Map<String, List<Row>> groups =
        rows.stream()
            .collect(Collectors.groupingBy(Row::group, LinkedHashMap::new, Collectors.toList()));
    groups.values().forEach(group -> group.sort(Row.FASTEST_FIRST));
    return groups;
  }

  String markdown() {
    var text = new StringBuilder("# Impromptu on a GPU\n\n");
    header.forEach(line -> text.append("- ").append(line).append('\n'));
    warning.ifPresent(words -> text.append("\n**").append(words).append(".**\n"));
    text.append(
        """

        Microseconds of the device's own clock; "direct" is told operation by operation, "graph" recorded and replayed. \
        Sorted by the median; the spread is what the middle eight tenths of the samples lie between.

        | work | what | who | precision | mode | median | spread | samples | difference before timing |
        |---|---|---|---|---|---:|---:|---:|---|
        """);
    groups().values().forEach(group -> group.forEach(row -> text.append(line(row))));
    text.append(summary());
    if (!targets.isEmpty()) {
      text.append("\n| target | measured | met |\n|---|---|---|\n");
      targets.forEach(
          target ->
              text.append(
                  "| %s | %s | %s |\n".formatted(target.name(), target.measured(), target.met())));
    }
    if (!notes.isEmpty()) {
      text.append('\n');
      notes.forEach(line -> text.append("- ").append(line).append('\n'));
    }
    return text.toString();
  }

  private static String line(Row row) {
    Samples samples = row.samples();
    return String.format(
        Locale.ROOT,
        "| %s: %s | %s | %s | %s | %s | %s | %s | %s | %s |\n",
        row.piece(),
        row.work(),
        row.what(),
        row.variant(),
        row.precision(),
        row.mode(),
        samples == null ? NOT_TIMED : String.format(Locale.ROOT, "%.1f", samples.median()),
        samples == null
            ? NOT_TIMED
            : String.format(Locale.ROOT, "%.1f to %.1f", samples.low(), samples.high()),
        samples == null ? NOT_TIMED : samples.count(),
        row.verdict().replace('|', '/'));
  }

  /** Our fastest beside the fastest of the others, for each piece of work and precision. */
  private String summary() {
    var text = new StringBuilder();
    groups()
        .forEach(
            (name, group) ->
                group.stream()
                    .map(Row::precision)
                    .distinct()
                    .sorted(Comparator.reverseOrder())
                    .forEach(precision -> text.append(pair(name, group, precision))));
    return text.isEmpty()
        ? ""
        : "\n| work | precision | ours | best other | other / ours |\n|---|---|---:|---|---:|\n"
            + text;
  }

  private static String pair(String name, List<Row> group, String precision) {
    Optional<Row> ours = fastest(group, precision, true);
    Optional<Row> other = fastest(group, precision, false);
    if (ours.isEmpty() || other.isEmpty()) {
      return "";
    }
    double own = median(ours.get());
    double theirs = median(other.get());
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.1f (%s) | %.1f (%s, %s) | %.2f |\n",
        name,
        precision,
        own,
        ours.get().mode(),
        theirs,
        other.get().variant(),
        other.get().mode(),
        theirs / own);
  }

  private static Optional<Row> fastest(List<Row> group, String precision, boolean own) {
    return group.stream()
        .filter(row -> row.samples() != null && row.precision().equals(precision))
        .filter(row -> row.variant().equals(Target.OWN) == own)
        .findFirst();
  }

  private static double median(Row row) {
    Samples samples = row.samples();
    return samples == null ? Double.NaN : samples.median();
  }

  JsonObject json() {
    return JsonObject.builder()
        .put("results", warning.isEmpty())
        .put("warning", warning.orElse(""))
        .put("header", JsonArray.ofStrings(header))
        .put("rows", JsonArray.of(rows.stream().map(Report::json).toList()))
        .put("targets", JsonArray.of(targets.stream().map(Target::json).toList()))
        .put("notes", JsonArray.ofStrings(notes))
        .build();
  }

  private static JsonObject json(Row row) {
    JsonObject.Builder builder =
        JsonObject.builder()
            .put("piece", row.piece())
            .put("work", row.work())
            .put("what", row.what())
            .put("variant", row.variant())
            .put("precision", row.precision())
            .put("mode", row.mode())
            .put("verdict", row.verdict());
    Samples samples = row.samples();
    return samples == null
        ? builder.build()
        : builder
            .put("median", samples.median())
            .put("low", samples.low())
            .put("high", samples.high())
            .put("samples", (long) samples.count())
            .build();
  }

  /** Writes {@code name.md} and {@code name.json}. */
  void write(Path name) throws IOException {
    Files.writeString(sibling(name, ".md"), markdown());
    Json.write(sibling(name, ".json"), json());
  }

  private static Path sibling(Path name, String ending) {
    return name.resolveSibling(name.getFileName() + ending);
  }
}
