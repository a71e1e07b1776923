package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.Samples;
import dev.impromptu.io.JsonArray;
import dev.impromptu.io.JsonObject;
import java.util.Comparator;
import java.util.List;

/**
 * What timing one row of the table gave.
 *
 * @param row its name
 * @param peer the other library
 * @param threads that computed
 * @param sides Impromptu first
 * @param otherLoad processors that others took in the worst of the rounds that count
 * @param leftOut rounds that do not count, because others took more
 */
record Measured(
    String row, String peer, int threads, List<Side> sides, double otherLoad, int leftOut) {
  Measured {
    sides = List.copyOf(sides);
  }

  /**
   * One that did the work.
   *
   * @param name who
   * @param speed items a second
   * @param ratio of Impromptu's speed to this one's, round by round
   */
  record Side(String name, Samples speed, Samples ratio) {
    private JsonObject json() {
      return JsonObject.builder()
          .put("name", name)
          .put("median", speed.median())
          .put("speeds", JsonArray.ofNumbers(speed.values()))
          .put("medianRatio", ratio.median())
          .put("ratios", JsonArray.ofNumbers(ratio.values()))
          .build();
    }

    private static Side of(JsonObject json) {
      return new Side(
          json.string("name"),
          new Samples(json.array("speeds").numbers()),
          new Samples(json.array("ratios").numbers()));
    }
  }

  Side ours() {
    return sides.getFirst();
  }

  /** The other library as it comes. */
  Side theirs() {
    return sides.get(1);
  }

  /** The other library in the way that is fastest at this work. */
  Side theirFastest() {
    return sides.stream()
        .skip(1)
        .max(Comparator.comparingDouble(side -> side.speed().median()))
        .orElseThrow();
  }

  JsonObject json() {
    return JsonObject.builder()
        .put("row", row)
        .put("peer", peer)
        .put("threads", threads)
        .put("sides", JsonArray.of(sides.stream().map(Side::json).toList()))
        .put("otherLoad", otherLoad)
        .put("leftOut", leftOut)
        .build();
  }

  static Measured of(JsonObject json) {
    return new Measured(
        json.string("row"),
        json.string("peer"),
        json.integer("threads"),
        json.array("sides").objects().stream().map(Side::of).toList(),
        json.number("otherLoad"),
        json.integer("leftOut"));
  }
}
