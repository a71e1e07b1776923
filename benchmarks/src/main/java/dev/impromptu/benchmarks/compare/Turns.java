package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.Samples;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/** Lets contenders work in turns, so that whatever slows the machine down slows all of them. */
final class Turns {
  private static final int MOST_TRIES = 2;

  private final List<Contender> contenders;
  private final Effort effort;

  /**
   * How long to measure.
   *
   * @param warmUpSeconds of the first contender of each library
   * @param turnSeconds of each turn
   * @param rounds in which each contender has one turn
   */
  record Effort(double warmUpSeconds, double turnSeconds, int rounds) {}

  /**
   * What came out of one round.
   *
   * @param speeds items a second, by contender
   * @param otherLoad processors that others took meanwhile
   */
  record Round(List<Double> speeds, double otherLoad) {
    boolean isQuiet() {
      return otherLoad <= OtherLoad.MOST;
    }
  }

  Turns(List<Contender> contenders, Effort effort) {
    this.contenders = List.copyOf(contenders);
    this.effort = effort;
  }

  /** Runs them. */
  Measured run(String row, String peer, int threads) {
    // One of each library; the other settings run the Java that is compiled by then.
    contenders.stream().limit(2).forEach(contender -> contender.turn(effort.warmUpSeconds));
    contenders.stream().skip(2).forEach(contender -> contender.turn(effort.warmUpSeconds / 5));
    var load = new OtherLoad();
    List<Round> rounds = new ArrayList<>();
    while (quiet(rounds) < effort.rounds && rounds.size() < MOST_TRIES * effort.rounds) {
      boolean forward = rounds.size() % 2 == 0;
      load.begin();
      rounds.add(round(forward, load::end));
    }
    List<String> names = contenders.stream().map(Contender::name).toList();
    return measured(row, peer, threads, names, rounds, effort.rounds);
  }

  private Round round(boolean forward, DoubleSupplier load) {
    List<Double> speeds = new ArrayList<>();
    List<Contender> order = forward ? contenders : contenders.reversed();
    order.forEach(contender -> speeds.add(contender.turn(effort.turnSeconds)));
    return new Round(forward ? speeds : speeds.reversed(), load.getAsDouble());
  }

  private static long quiet(List<Round> rounds) {
    return rounds.stream().filter(Round::isQuiet).count();
  }

  /** Keeps the quietest rounds; a ratio is that of two turns of one round. */
  static Measured measured(
      String row, String peer, int threads, List<String> names, List<Round> rounds, int wanted) {
    List<Round> kept =
        rounds.stream()
            .sorted(Comparator.comparingDouble(Round::otherLoad))
            .limit(wanted)
            .sorted(Comparator.comparingInt(rounds::indexOf))
            .toList();
    double worst = kept.stream().mapToDouble(Round::otherLoad).max().orElseThrow();
    List<Measured.Side> sides = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      int side = i;
      sides.add(
          new Measured.Side(
              names.get(i),
              samples(kept, round -> round.speeds.get(side)),
              samples(kept, round -> round.speeds.get(0) / round.speeds.get(side))));
    }
    return new Measured(row, peer, threads, sides, worst, rounds.size() - kept.size());
  }

  private static Samples samples(List<Round> rounds, ToDoubleFunction<Round> value) {
    return new Samples(rounds.stream().mapToDouble(value).toArray());
  }
}
