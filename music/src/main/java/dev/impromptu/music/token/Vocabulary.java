package dev.impromptu.music.token;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokens a model knows, numbered from 0 by descending count, equal counts by name.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class Vocabulary {
  private final List<String> tokens;
  private final int[] counts;
  private final Map<String, Integer> ids;

  private Vocabulary(List<String> tokens, int[] counts) {
    this.tokens = List.copyOf(tokens);
    this.counts = counts;
    this.ids = HashMap.newHashMap(tokens.size());
    for (int id = 0; id < counts.length; id++) {
      if (ids.put(this.tokens.get(id), id) != null) {
        throw new IllegalArgumentException(
            "Vocabulary: token \"" + this.tokens.get(id) + "\" stands there twice");
      }
    }
  }

  /**
   * Counts the tokens of {@code pieces} and keeps those seen at least {@code minCount} times.
   *
   * @throws IllegalArgumentException if {@code minCount} is below 1
   */
  public static Vocabulary build(Collection<List<String>> pieces, int minCount) {
    if (minCount < 1) {
      throw new IllegalArgumentException(
          "Vocabulary: minCount " + minCount + " must be at least 1");
    }
    var counted = new HashMap<String, Integer>();
    for (List<String> piece : pieces) {
      for (String token : piece) {
        counted.merge(token, 1, Integer::sum);
      }
    }
    var kept = new ArrayList<String>();
    counted.forEach(
        (token, count) -> {
          if (count >= minCount) {
            kept.add(token);
          }
        });
    kept.sort(
        Comparator.<String>comparingInt(token -> -counted.getOrDefault(token, 0))
            .thenComparing(Comparator.naturalOrder()));
    int[] counts = kept.stream().mapToInt(token -> counted.getOrDefault(token, 0)).toArray();
    return new Vocabulary(kept, counts);
  }

  /**
   * A vocabulary that was stored, its tokens by id with their counts.
   *
   * @throws IllegalArgumentException if the lengths differ or a token stands there twice
   */
  public static Vocabulary restore(List<String> tokens, int[] counts) {
    if (tokens.size() != counts.length) {
      throw new IllegalArgumentException(
          "Vocabulary: " + tokens.size() + " tokens but " + counts.length + " counts");
    }
    return new Vocabulary(tokens, counts.clone());
  }

  /** The number of tokens. */
  public int size() {
    return counts.length;
  }

  /** All tokens by id. */
  public List<String> tokens() {
    return tokens;
  }

  /** The token numbered {@code id}. */
  public String token(int id) {
    return tokens.get(id);
  }

  /** How often the token numbered {@code id} was counted. */
  public int count(int id) {
    return counts[id];
  }

  /** Whether {@code token} is known. */
  public boolean contains(String token) {
    return ids.containsKey(token);
  }

  /** The numbers of the known tokens of {@code piece}, in order; unknown ones are dropped. */
  public int[] encode(List<String> piece) {
    int[] encoded = new int[piece.size()];
    int length = 0;
    for (String token : piece) {
      Integer id = ids.get(token);
      if (id != null) {
        encoded[length++] = id;
      }
    }
    return Arrays.copyOf(encoded, length);
  }

  /**
   * The tokens numbered {@code encoded}.
   *
   * @throws IndexOutOfBoundsException if a number is none of this vocabulary's
   */
  public List<String> decode(int... encoded) {
    return Arrays.stream(encoded).mapToObj(tokens::get).toList();
  }

  @Override
  public String toString() {
    return "Vocabulary[" + counts.length + " tokens]";
  }
}
