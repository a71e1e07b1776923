package dev.impromptu.music.data;

import dev.impromptu.music.score.Score;
import dev.impromptu.music.token.Tokenizer;
import dev.impromptu.music.tools.Transposition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Pieces as words, and the same in other keys to learn from.
 *
 * @param pieces as they were written
 * @param transposed of each piece the other keys, none where nothing is transposed
 */
record Corpus(List<TokenizedPiece> pieces, List<List<TokenizedPiece>> transposed) {
  /** Copies the lists. */
  Corpus {
    pieces = List.copyOf(pieces);
    transposed = transposed.stream().map(List::copyOf).toList();
  }

  /** Nothing transposed. */
  static Corpus of(List<TokenizedPiece> pieces) {
    return new Corpus(pieces, pieces.stream().map(piece -> List.<TokenizedPiece>of()).toList());
  }

  /**
   * The words of scores in all keys up to {@code transpose} semitones above and below.
   *
   * @param transpose 0 for their own alone
   */
  static Corpus of(Collection<Score> scores, Tokenizer tokenizer, int transpose) {
    List<List<TokenizedPiece>> transposed =
        scores.parallelStream()
            .map(
                score ->
                    MusicDataset.tokenize(
                        Transposition.semitones(transpose)
                            .mapToObj(semitones -> Transposition.of(score, semitones))
                            .toList(),
                        tokenizer))
            .toList();
    return new Corpus(MusicDataset.tokenize(scores, tokenizer), transposed);
  }

  /** The same without pieces whose words another one before them has, whatever their titles. */
  Corpus distinct() {
    var seen = new HashSet<String>();
    int[] first =
        IntStream.range(0, pieces.size())
            .filter(p -> seen.add(pieces.get(p).fingerprint()))
            .toArray();
    return new Corpus(choose(first), Arrays.stream(first).mapToObj(transposed::get).toList());
  }

  /** Cuts each piece into passages of about {@code length} tokens, a short one into one. */
  Corpus passages(int length) {
    List<TokenizedPiece> passages = new ArrayList<>();
    List<List<TokenizedPiece>> others = new ArrayList<>();
    for (int p = 0; p < pieces.size(); p++) {
      TokenizedPiece piece = pieces.get(p);
      int count = Math.max(1, Math.round((float) piece.tokens().size() / length));
      for (int i = 0; i < count; i++) {
        passages.add(passage(piece, i, count));
        int number = i;
        others.add(transposed.get(p).stream().map(other -> passage(other, number, count)).toList());
      }
    }
    return new Corpus(passages, others);
  }

  private static TokenizedPiece passage(TokenizedPiece piece, int number, int count) {
    int tokens = piece.tokens().size();
    int from = (int) ((long) tokens * number / count);
    int to = (int) ((long) tokens * (number + 1) / count);
    return new TokenizedPiece(
        piece.title() + ", passage " + (number + 1) + " of " + count,
        piece.tokens().subList(from, to));
  }

  /** The pieces numbered {@code chosen}. */
  List<TokenizedPiece> choose(int[] chosen) {
    return Arrays.stream(chosen).mapToObj(pieces::get).toList();
  }

  /** The other keys of the pieces numbered {@code chosen}. */
  List<TokenizedPiece> transposed(int[] chosen) {
    return Arrays.stream(chosen).boxed().flatMap(p -> transposed.get(p).stream()).toList();
  }
}
