package dev.impromptu.examples.cli;

import dev.impromptu.music.data.Baselines;
import dev.impromptu.music.data.Windows;
import dev.impromptu.train.Metrics;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a model and its rivals get right of a part.
 *
 * @param part its name
 * @param windows all of it
 * @param stepsAhead notes foretold in each window
 * @param metrics of the model
 * @param percents what else was measured, each over all windows
 */
record Judgement(
    String part, Windows windows, int stepsAhead, Metrics metrics, Map<Measure, Double> percents) {

  /** A column of the table beside the model's own. */
  enum Measure {
    LOOKUP("lookup_percent", "lookup"),
    NEXT("next_percent", "next note"),
    NGRAM("ngram_next_percent", "n-gram"),
    RECALL("recall_percent", "recalling"),
    NGRAM_RECALL("ngram_recall_percent", "n-gram too"),
    MEMORY("memory_percent", "memory");

    private final String figure;
    private final String title;

    Measure(String figure, String title) {
      this.figure = figure;
      this.title = title;
    }
  }

  /** Of all parts together; they were measured alike. */
  static Judgement sum(String name, List<Judgement> parts) {
    Windows windows = parts.stream().map(Judgement::windows).reduce(Windows::and).orElseThrow();
    double loss = 0;
    long examples = 0;
    long correct = 0;
    long total = 0;
    Map<Measure, Double> percents = new EnumMap<>(Measure.class);
    for (Judgement part : parts) {
      loss += part.metrics.lossSum();
      examples += part.metrics.examples();
      correct += part.metrics.correct();
      total += part.metrics.total();
      double share = (double) part.windows.size() / windows.size();
      part.percents.forEach(
          (measure, percent) -> percents.merge(measure, share * percent, Double::sum));
    }
    int stepsAhead = parts.getFirst().stepsAhead;
    return new Judgement(
        name, windows, stepsAhead, new Metrics(loss, examples, correct, total), percents);
  }

  /** Prints its figures. */
  void tell(Session session) {
    session.figure(part + "_windows", windows.size());
    session.figure(part + "_correct", metrics.correct());
    session.figure(part + "_total", metrics.total());
    session.figure(part + "_percent", metrics.accuracy(), 3);
    // What is commonest in this very part: no constant guess can do better.
    session.figure(
        part + "_commonest_percent",
        100 * Baselines.commonestToken(windows, windows, stepsAhead),
        3);
    percents.forEach((measure, percent) -> session.figure(part + "_" + measure.figure, percent, 3));
  }

  /** Prints a row for each. */
  static void table(Session session, List<Judgement> rows) {
    var header = new StringBuilder("%-10s %22s %10s".formatted("part", "correct", "model"));
    rows.getFirst()
        .percents
        .keySet()
        .forEach(measure -> header.append(" %10s".formatted(measure.title)));
    session.say("");
    session.say(header.toString());
    rows.forEach(judgement -> session.say(judgement.row()));
  }

  private String row() {
    var row =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%-10s %9d of %9d %8.3f %%",
                part,
                metrics.correct(),
                metrics.total(),
                metrics.accuracy()));
    percents
        .values()
        .forEach(percent -> row.append(String.format(Locale.ROOT, " %8.3f %%", percent)));
    return row.toString();
  }
}
