package dev.impromptu.music.token;

import dev.impromptu.music.score.Score;
import java.util.List;

/** Turns scores into words that a model can learn, and words back into something to hear. */
public interface Tokenizer {
  /** The name on the command line and in {@code model.json}. */
  String name();

  /** The words of {@code score}, in order. */
  List<String> tokens(Score score);

  /**
   * A score that sounds as {@code tokens} say, as far as they say anything.
   *
   * @throws IllegalArgumentException if a word is none of this tokenizer's
   */
  Score score(String title, List<String> tokens);
}
