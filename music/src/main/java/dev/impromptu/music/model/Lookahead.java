package dev.impromptu.music.model;

import dev.impromptu.tensor.Device;
import java.util.Locale;

/**
 * How several tokens ahead are foretold in training. With one token {@link #SLIDE} and {@link
 * #CARRY} are the same.
 */
public enum Lookahead {
  /**
   * As the original project does: the likeliest token is appended to the context, the first is
   * dropped, and the network runs again from a zero state.
   */
  SLIDE,
  /**
   * Without beginning anew: the network goes on from where it is with the likeliest token. A
   * recurrent one runs {@code context + stepsAhead - 1} steps where {@link #SLIDE} runs {@code
   * context * stepsAhead}.
   */
  CARRY,
  /**
   * With the true tokens instead of the likeliest, and foretelling after every one of the context:
   * a network has more to learn from less work (Williams and Zipser, "A learning algorithm for
   * continually running fully recurrent neural networks", 1989). Where windows skip a token,
   * several contexts that begin alike are read together.
   */
  TEACHER;

  /** The name on the command line and in files. */
  public String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What to train towards.
   *
   * @param stepsAhead tokens behind the context to foretell, at least 1
   */
  public LookaheadObjective objective(SequenceModel model, Device device, int stepsAhead) {
    if (stepsAhead < 1) {
      throw new IllegalArgumentException(
          "Lookahead: steps ahead " + stepsAhead + " must be at least 1");
    }
    return switch (this) {
      case SLIDE -> new FedBack(false, model, device, stepsAhead);
      case CARRY -> new FedBack(true, model, device, stepsAhead);
      case TEACHER -> new TeacherForcing(model, device, stepsAhead);
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
        "lookahead: there is no '%s'; known are slide, carry and teacher".formatted(name));
  }
}
