package dev.impromptu.music.model;

import dev.impromptu.tensor.Device;
import dev.impromptu.train.RecordableObjective;
import java.util.Locale;

/** How several tokens ahead are foretold in training; with one token both are the same. */
public enum Lookahead {
  /** {@link SlidingObjective}, the original project's way. */
  SLIDE,
  /** {@link CarryingObjective}. */
  CARRY;

  /** The name on the command line and in files. */
  public String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What to train towards. */
  public RecordableObjective<WindowBatch> objective(
      SequenceModel model, Device device, int stepsAhead) {
    return switch (this) {
      case SLIDE -> new SlidingObjective(model, device, stepsAhead);
      case CARRY -> new CarryingObjective(model, device, stepsAhead);
    };
  }

  /**
   * The one of that option name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Lookahead named(String name) {
    for (Lookahead lookahead : values()) {
      if (lookahead.optionName().equals(name)) {
        return lookahead;
      }
    }
    throw new IllegalArgumentException(
        "lookahead: there is no '%s'; known are slide and carry".formatted(name));
  }
}
