package dev.impromptu.music.token;

import dev.impromptu.music.score.Score;
import java.util.List;
import java.util.Optional;

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

  /**
   * What {@code added} tells to play after a primer, timed from the beginning of the primer.
   *
   * @param primer what was played
   * @param heard its tokens
   * @throws IllegalArgumentException if a word is none of this tokenizer's, or the primer leaves no
   *     room for more
   */
  Score continuation(Score primer, List<String> heard, List<String> added);

  /**
   * The word of {@code vocabulary} that says nearly what {@code word} says; none where the
   * tokenizer has no such word, or no such word is known.
   */
  Optional<String> nearest(String word, Vocabulary vocabulary);

  /**
   * Reads sequences of the tokens of {@code vocabulary} from their beginning.
   *
   * @throws IllegalArgumentException if the vocabulary holds a word that is none of this
   *     tokenizer's
   */
  Reading reading(Vocabulary vocabulary);
}
