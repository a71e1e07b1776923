package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.Samples;
import dev.impromptu.io.Json;
import dev.impromptu.io.JsonArray;
import dev.impromptu.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What has been measured on one machine; rows measured later take the place of older ones.
 *
 * @param machine its description
 * @param rows in the order of the table
 * @param firstStep seconds from the start of a JVM to the end of the first training step
 */
record Results(List<String> machine, List<Measured> rows, Optional<Samples> firstStep) {
  Results {
    machine = List.copyOf(machine);
    rows = List.copyOf(rows);
  }

  static Results none(List<String> machine) {
    return new Results(machine, List.of(), Optional.empty());
  }

  /** With a row more, or with a newer one. */
  Results with(Measured measured) {
    List<Measured> all = new ArrayList<>();
    for (Row row : Row.all()) {
      if (row.name().equals(measured.row())) {
        all.add(measured);
      } else {
        row(row.name()).ifPresent(all::add);
      }
    }
    return new Results(machine, all, firstStep);
  }

  Results withFirstStep(Samples seconds) {
    return new Results(machine, rows, Optional.of(seconds));
  }

  Optional<Measured> row(String name) {
    return rows.stream().filter(row -> row.row().equals(name)).findFirst();
  }

  /** The most that any library did in a plain product, in operations a second; NaN if not known. */
  double peak() {
    Row product = Row.peak();
    return row(product.name())
        .map(
            measured ->
                measured.sides().stream()
                    .mapToDouble(side -> side.speed().median() * product.task().flops())
                    .max()
                    .orElseThrow())
        .orElse(Double.NaN);
  }

  JsonObject json() {
    JsonObject.Builder builder =
        JsonObject.builder()
            .put("machine", JsonArray.ofStrings(machine))
            .put("rows", JsonArray.of(rows.stream().map(Measured::json).toList()));
    firstStep.ifPresent(
        seconds -> builder.put("firstStepSeconds", JsonArray.ofNumbers(seconds.values())));
    return builder.build();
  }

  void write(Path file) throws IOException {
    Json.write(file, json());
  }

  /** What stands in the file, if there is one and it is of this machine; else nothing. */
  static Results read(Path file, List<String> machine) throws IOException {
    if (!Files.exists(file)) {
      return none(machine);
    }
    JsonObject json = Json.read(file);
    if (!json.array("machine").strings().equals(machine)) {
      return none(machine);
    }
    return new Results(
        machine,
        json.array("rows").objects().stream().map(Measured::of).toList(),
        json.optionalArray("firstStepSeconds").map(seconds -> new Samples(seconds.numbers())));
  }
}
