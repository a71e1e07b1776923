package dev.impromptu.music.data;

import dev.impromptu.music.score.Score;
import dev.impromptu.music.token.Tokenizer;
import dev.impromptu.music.token.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything a model is trained and judged on: a vocabulary and windows for training, validation
 * and test. The same pieces and options always give the same data set.
 *
 * <p>Split by piece or passage, the vocabulary comes from the training ones alone. Split by window,
 * it comes from all of them.
 */
public final class MusicDataset {
  /** Longer passages keep more windows, shorter ones deal out more evenly. */
  private static final int PASSAGE_SPANS = 3;

  private final DatasetOptions options;
  private final Vocabulary vocabulary;
  private final int typesBefore;
  private final DatasetPart training;
  private final DatasetPart validation;
  private final DatasetPart test;

  private MusicDataset(
      DatasetOptions options,
      Vocabulary vocabulary,
      int typesBefore,
      DatasetPart training,
      DatasetPart validation,
      DatasetPart test) {
    this.options = options;
    this.vocabulary = vocabulary;
    this.typesBefore = typesBefore;
    this.training = training;
    this.validation = validation;
    this.test = test;
  }

  /** The words of each of {@code scores}, under their titles. */
  public static List<TokenizedPiece> tokenize(Collection<Score> scores, Tokenizer tokenizer) {
    return scores.parallelStream()
        .map(score -> new TokenizedPiece(score.title(), tokenizer.tokens(score)))
        .toList();
  }

  /**
   * Makes a data set.
   *
   * @throws IllegalArgumentException if there are too few pieces or too few windows for three parts
   */
  public static MusicDataset prepare(List<TokenizedPiece> pieces, DatasetOptions options) {
    int types = (int) pieces.stream().flatMap(piece -> piece.tokens().stream()).distinct().count();
    MusicDataset dataset =
        switch (options.split()) {
          case PIECE -> splitByPiece(pieces, options, types);
          case PASSAGE -> splitByPiece(passages(pieces, options), options, types);
          case WINDOW -> splitByWindow(pieces, options, types);
        };
    for (DatasetPart part : dataset.parts()) {
      if (part.windows().size() == 0) {
        throw new IllegalArgumentException(
            "The "
                + part.name()
                + " part has no window of "
                + span(options)
                + " tokens left after dropping tokens seen fewer than "
                + options.minCount()
                + " times; give more or longer pieces, or a lower --min-count");
      }
    }
    return dataset;
  }

  private static MusicDataset splitByPiece(
      List<TokenizedPiece> pieces, DatasetOptions options, int types) {
    int span = span(options);
    List<Integer> weights =
        pieces.stream().map(piece -> Windows.count(piece.tokens().size(), span)).toList();
    long usable = weights.stream().filter(weight -> weight > 0).count();
    if (usable < 3) {
      throw new IllegalArgumentException(
          "A split by piece needs at least 3 pieces of "
              + span
              + " tokens or more, but of "
              + pieces.size()
              + " pieces "
              + usable
              + (usable == 1 ? " is" : " are")
              + " that long; add pieces or use --split window");
    }
    Split split = Split.weighted(weights, options.seed());
    var vocabulary = Vocabulary.build(words(choose(pieces, split.training())), options.minCount());
    return new MusicDataset(
        options,
        vocabulary,
        types,
        part("train", choose(pieces, split.training()), vocabulary, options),
        part("validation", choose(pieces, split.validation()), vocabulary, options),
        part("test", choose(pieces, split.test()), vocabulary, options));
  }

  /** Cuts each piece into passages of nearly one length, a short one into one. */
  private static List<TokenizedPiece> passages(
      List<TokenizedPiece> pieces, DatasetOptions options) {
    int length = PASSAGE_SPANS * span(options);
    List<TokenizedPiece> passages = new ArrayList<>();
    for (TokenizedPiece piece : pieces) {
      int tokens = piece.tokens().size();
      int count = Math.max(1, Math.round((float) tokens / length));
      for (int i = 0; i < count; i++) {
        int from = (int) ((long) tokens * i / count);
        int to = (int) ((long) tokens * (i + 1) / count);
        passages.add(
            new TokenizedPiece(
                "%s, passage %d of %d".formatted(piece.title(), i + 1, count),
                piece.tokens().subList(from, to)));
      }
    }
    return passages;
  }

  private static MusicDataset splitByWindow(
      List<TokenizedPiece> pieces, DatasetOptions options, int types) {
    var vocabulary = Vocabulary.build(words(pieces), options.minCount());
    DatasetPart whole = part("all", pieces, vocabulary, options);
    Windows windows = whole.windows();
    Split split = Split.even(windows.size(), options.seed());
    return new MusicDataset(
        options,
        vocabulary,
        types,
        new DatasetPart("train", whole.pieces(), windows.select(split.training())),
        new DatasetPart("validation", whole.pieces(), windows.select(split.validation())),
        new DatasetPart("test", whole.pieces(), windows.select(split.test())));
  }

  private static int span(DatasetOptions options) {
    return Windows.span(options.contextLength(), options.future(), options.skipNote());
  }

  private static List<List<String>> words(List<TokenizedPiece> pieces) {
    return pieces.stream().map(TokenizedPiece::tokens).toList();
  }

  private static List<TokenizedPiece> choose(List<TokenizedPiece> pieces, int[] chosen) {
    return Arrays.stream(chosen).mapToObj(pieces::get).toList();
  }

  /**
   * A part made of whole pieces with a vocabulary that is given, for instance to judge a stored
   * model on other pieces.
   */
  public static DatasetPart part(
      String name, List<TokenizedPiece> pieces, Vocabulary vocabulary, DatasetOptions options) {
    List<EncodedPiece> encoded =
        pieces.stream().map(piece -> EncodedPiece.of(piece, vocabulary)).toList();
    return new DatasetPart(
        name,
        encoded,
        Windows.of(encoded, options.contextLength(), options.future(), options.skipNote()));
  }

  /** What it was made with. */
  public DatasetOptions options() {
    return options;
  }

  /** The tokens that were kept. */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** How many different tokens all pieces held before any was dropped. */
  public int typesBefore() {
    return typesBefore;
  }

  /** Tokens of all pieces before any was dropped. */
  public int tokens() {
    return wholePieces().mapToInt(piece -> piece.length() + piece.dropped()).sum();
  }

  /** Tokens of all pieces that were dropped because the vocabulary does not know them. */
  public int dropped() {
    return wholePieces().mapToInt(EncodedPiece::dropped).sum();
  }

  /** The number of windows in all three parts. */
  public int windowCount() {
    return parts().stream().mapToInt(part -> part.windows().size()).sum();
  }

  /** About 70 in 100 windows, to learn from. */
  public DatasetPart training() {
    return training;
  }

  /** About 20 in 100 windows, to choose among models. */
  public DatasetPart validation() {
    return validation;
  }

  /** About 10 in 100 windows, to judge the chosen model once. */
  public DatasetPart test() {
    return test;
  }

  /** Training, validation and test. */
  public List<DatasetPart> parts() {
    return List.of(training, validation, test);
  }

  private Stream<EncodedPiece> wholePieces() {
    return options.split() == SplitKind.WINDOW
        ? training.pieces().stream()
        : parts().stream().flatMap(part -> part.pieces().stream());
  }
}
