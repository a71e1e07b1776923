package dev.impromptu.music.train;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How many tokens ahead are foretold in which epochs.
 *
 * @param phases one after the other, at least one
 */
public record Curriculum(List<Phase> phases) {
  /** The most steps ahead, and the most epochs, of a phase. */
  public static final int MOST = 99_999;

  private static final Pattern PHASE = Pattern.compile("([1-9]\\d{0,4})x([1-9]\\d{0,4})");

  /** The original project's: 25 epochs of the next token, 20 of the next 4, 45 of the next 8. */
  public static final Curriculum ORIGINAL = parse("1x25,4x20,8x45");

  /**
   * Epochs that are alike.
   *
   * @param stepsAhead tokens to foretell, 1 to {@link #MOST}
   * @param epochs 1 to {@link #MOST}
   */
  public record Phase(int stepsAhead, int epochs) {
    /** Checks the ranges stated above. */
    public Phase {
      if (Math.min(stepsAhead, epochs) < 1 || Math.max(stepsAhead, epochs) > MOST) {
        throw new IllegalArgumentException(
            "Curriculum: steps ahead %d and epochs %d must be from 1 to %d"
                .formatted(stepsAhead, epochs, MOST));
      }
    }

    @Override
    public String toString() {
      return stepsAhead + "x" + epochs;
    }
  }

  /** Copies the list. */
  public Curriculum {
    phases = List.copyOf(phases);
    if (phases.isEmpty()) {
      throw new IllegalArgumentException("Curriculum: it has no phase; give at least one");
    }
  }

  /** The next token in every epoch. */
  public static Curriculum nextToken(int epochs) {
    return new Curriculum(List.of(new Phase(1, epochs)));
  }

  /**
   * Reads what {@link #toString} writes, such as {@code 1x25,4x20,8x45}: steps ahead, x, epochs.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static Curriculum parse(String text) {
    List<Phase> phases = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher phase = PHASE.matcher(part);
      if (!phase.matches()) {
        throw new IllegalArgumentException(
            "met '%s' in '%s', expected notes ahead, x and epochs, each from 1 to %d, such as 1x25,4x20,8x45"
                .formatted(part, text, MOST));
      }
      phases.add(new Phase(Integer.parseInt(phase.group(1)), Integer.parseInt(phase.group(2))));
    }
    return new Curriculum(phases);
  }

  /** Epochs in all. */
  public int epochs() {
    return phases.stream().mapToInt(Phase::epochs).sum();
  }

  /** The most tokens ahead that some phase foretells. */
  public int mostAhead() {
    return phases.stream().mapToInt(Phase::stepsAhead).max().orElseThrow();
  }

  /**
   * The tokens foretold in {@code epoch}, counted from 0.
   *
   * @throws IndexOutOfBoundsException if there is no such epoch
   */
  public int stepsAhead(int epoch) {
    return phases.get(phase(epoch)).stepsAhead;
  }

  /** The first epoch of the phase that {@code epoch} lies in. */
  public int phaseStart(int epoch) {
    return phases.subList(0, phase(epoch)).stream().mapToInt(Phase::epochs).sum();
  }

  /** The epoch after the last of the phase that {@code epoch} lies in. */
  public int phaseEnd(int epoch) {
    return phaseStart(epoch) + phases.get(phase(epoch)).epochs;
  }

  private int phase(int epoch) {
    int end = 0;
    for (int i = 0; i < phases.size(); i++) {
      end += phases.get(i).epochs;
      if (epoch >= 0 && epoch < end) {
        return i;
      }
    }
    throw new IndexOutOfBoundsException("Curriculum %s has no epoch %d".formatted(this, epoch));
  }

  /**
   * Its first epochs.
   *
   * @param epochs how many to keep, at least 1; all of them where there are fewer
   */
  public Curriculum first(int epochs) {
    List<Phase> kept = new ArrayList<>();
    int left = epochs;
    for (Phase phase : phases) {
      if (left > 0) {
        kept.add(new Phase(phase.stepsAhead, Math.min(left, phase.epochs)));
        left -= phase.epochs;
      }
    }
    return new Curriculum(kept);
  }

  /** Whether {@code other} foretells the same in the first {@code epochs}, as far as both go. */
  public boolean beginsLike(Curriculum other, int epochs) {
    return IntStream.range(0, Math.min(epochs, Math.min(epochs(), other.epochs())))
        .allMatch(epoch -> stepsAhead(epoch) == other.stepsAhead(epoch));
  }

  @Override
  public String toString() {
    return phases.stream().map(Phase::toString).collect(Collectors.joining(","));
  }
}
