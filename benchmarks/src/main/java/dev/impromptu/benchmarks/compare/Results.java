package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.Samples;
import dev.impromptu.io.Json;
import dev.impromptu.io.JsonArray;
import dev.impromptu.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What has been measured on one machine; rows measured later take the place of older ones.
 *
 * @param machine its description
 * @param rows in the order of the table
 * @param firstStep seconds from the start of a JVM to the end of the first training step
 */
record Results(List<String> machine, List<Timed> rows, Optional<Samples> firstStep) {
  /** A row with the session that it was measured in. */
  record Timed(Measured measured, Session session) {
    double share(double flops) {
      return flops / session.peak();
    }

    private JsonObject json() {
      return JsonObject.builder()
          .put("session", session.json())
          .put("measured", measured.json())
          .build();
    }

    private static Timed of(JsonObject json) {
      return new Timed(Measured.of(json.object("measured")), Session.of(json.object("session")));
    }
  }

  Results {
    machine = List.copyOf(machine);
    rows = List.copyOf(rows);
  }

  static Results none(List<String> machine) {
    return new Results(machine, List.of(), Optional.empty());
  }

  /** With a row more, or with a newer one. */
  Results with(Measured measured, Session session) {
    List<Timed> all = new ArrayList<>();
    for (Row row : Row.all()) {
      if (row.name().equals(measured.row())) {
        all.add(new Timed(measured, session));
      } else {
        timed(row.name()).ifPresent(all::add);
      }
    }
    return new Results(machine, all, firstStep);
  }

  Results withFirstStep(Samples seconds) {
    return new Results(machine, rows, Optional.of(seconds));
  }

  Optional<Measured> row(String name) {
    return timed(name).map(Timed::measured);
  }

  Optional<Timed> timed(String name) {
    return rows.stream().filter(row -> row.measured().row().equals(name)).findFirst();
  }

  /** The newest that a row is of. */
  Optional<Session> newest() {
    return rows.stream().map(Timed::session).max(Comparator.comparing(Session::began));
  }

  /** The most that any library did in the plain product, in operations a second. */
  static double peak(Measured product) {
    return product.sides().stream()
        .mapToDouble(side -> side.speed().median() * Row.peak().task().flops())
        .max()
        .orElseThrow();
  }

  JsonObject json() {
    JsonObject.Builder builder =
        JsonObject.builder()
            .put("machine", JsonArray.ofStrings(machine))
            .put("rows", JsonArray.of(rows.stream().map(Timed::json).toList()));
    firstStep.ifPresent(
        seconds -> builder.put("firstStepSeconds", JsonArray.ofNumbers(seconds.values())));
    return builder.build();
  }

  void write(Path file) throws IOException {
    Json.write(file, json());
  }

  /**
   * What stands in the file; nothing where there is none.
   *
   * @throws IllegalArgumentException when it is of another machine, or was written by an older
   *     version: rows of this one cannot stand beside those
   */
  static Results read(Path file, List<String> machine) throws IOException {
    if (!Files.exists(file)) {
      return none(machine);
    }
    JsonObject json = Json.read(file);
    List<String> of = json.array("machine").strings();
    if (!of.equals(machine)) {
      throw new IllegalArgumentException(
          ("bench --peers: %s is of another machine (%s), this one is %s; its table is left as it"
                  + " is. Name no row to measure a whole table in its place, or move its folder"
                  + " away")
              .formatted(file, String.join("; ", of), String.join("; ", machine)));
    }
    List<JsonObject> rows = json.array("rows").objects();
    if (rows.stream().anyMatch(row -> row.optionalObject("session").isEmpty())) {
      throw new IllegalArgumentException(
          ("bench --peers: %s was written by an older version, without the session of each row; its"
                  + " table is left as it is. Name no row to measure a whole table in its place")
              .formatted(file));
    }
    return new Results(
        machine,
        rows.stream().map(Timed::of).toList(),
        json.optionalArray("firstStepSeconds").map(seconds -> new Samples(seconds.numbers())));
  }
}
