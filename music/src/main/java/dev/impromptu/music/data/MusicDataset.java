package dev.impromptu.music.data;

import dev.impromptu.music.score.Score;
import dev.impromptu.music.token.Tokenizer;
import dev.impromptu.music.token.Vocabulary;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything a model is trained and judged on: a vocabulary and windows for training, validation
 * and test. The same pieces and options always give the same data set.
 *
 * <p>Split by piece or passage, of pieces that have the same words only the first is taken, so that
 * none is learned from and judged on. Split by window, as in the original project, all are.
 *
 * <p>Split by piece or passage, the vocabulary comes from the training ones alone. Split by window,
 * it comes from all of them.
 */
public final class MusicDataset {
  /** Longer passages keep more windows, shorter ones deal out more evenly. */
  private static final int PASSAGE_SPANS = 3;

  private final DatasetOptions options;
  private final int duplicates;
  private final Vocabulary vocabulary;
  private final int typesBefore;
  private final DatasetPart training;
  private final DatasetPart validation;
  private final DatasetPart test;

  private MusicDataset(
      DatasetOptions options,
      int duplicates,
      Vocabulary vocabulary,
      int typesBefore,
      DatasetPart training,
      DatasetPart validation,
      DatasetPart test) {
    this.options = options;
    this.duplicates = duplicates;
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
   * Makes a data set of scores, with the transpositions that {@code options} ask for.
   *
   * @throws IllegalArgumentException if there are too few pieces or too few windows for three parts
   */
  public static MusicDataset prepare(
      Collection<Score> scores, Tokenizer tokenizer, DatasetOptions options) {
    return prepare(Corpus.of(scores, tokenizer, options.transpose()), options);
  }

  /**
   * Makes a data set of words.
   *
   * @throws IllegalArgumentException if there are too few pieces or too few windows for three
   *     parts, or if {@code options} ask for transpositions, which only scores have
   */
  public static MusicDataset prepare(List<TokenizedPiece> pieces, DatasetOptions options) {
    if (options.transpose() != 0) {
      throw new IllegalArgumentException(
          "MusicDataset: words cannot be transposed by %d semitones; give scores"
              .formatted(options.transpose()));
    }
    return prepare(Corpus.of(pieces), options);
  }

  private static MusicDataset prepare(Corpus corpus, DatasetOptions options) {
    int types =
        (int) corpus.pieces().stream().flatMap(piece -> piece.tokens().stream()).distinct().count();
    MusicDataset dataset =
        options.split() == SplitKind.WINDOW
            ? splitByWindow(corpus, options, types)
            : splitByPiece(corpus, options, types);
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

  private static MusicDataset splitByPiece(Corpus all, DatasetOptions options, int types) {
    int span = span(options);
    Corpus different = all.distinct();
    Corpus corpus =
        options.split() == SplitKind.PASSAGE ? different.passages(PASSAGE_SPANS * span) : different;
    List<TokenizedPiece> pieces = corpus.pieces();
    List<Integer> weights =
        pieces.stream().map(piece -> Windows.count(piece.tokens().size(), span)).toList();
    long usable = weights.stream().filter(weight -> weight > 0).count();
    int needed = options.fold() == 0 ? 3 : DatasetOptions.FOLDS;
    if (usable < needed) {
      throw new IllegalArgumentException(
          "A split by %1$s needs at least %2$d %1$ss of %3$d tokens or more, but of %4$d %1$ss %5$d %6$s that long; add pieces%7$s"
              .formatted(
                  options.split().optionName(),
                  needed,
                  span,
                  pieces.size(),
                  usable,
                  usable == 1 ? "is" : "are",
                  options.split() == SplitKind.PIECE ? " or use --split passage" : ""));
    }
    Split split =
        options.fold() == 0
            ? Split.weighted(weights, options.seed())
            : Split.fold(weights, options.seed(), options.fold(), DatasetOptions.FOLDS);
    List<TokenizedPiece> learned = corpus.choose(split.training());
    // Counted as they were written, so that transposing changes what is learned but not the task.
    var vocabulary = Vocabulary.build(words(learned), options.minCount());
    DatasetPart training = part("train", learned, vocabulary, options);
    return new MusicDataset(
        options,
        all.pieces().size() - different.pieces().size(),
        vocabulary,
        types,
        training.with(windows(encoded(corpus.transposed(split.training()), vocabulary), options)),
        part("validation", corpus.choose(split.validation()), vocabulary, options),
        part("test", corpus.choose(split.test()), vocabulary, options));
  }

  private static MusicDataset splitByWindow(Corpus corpus, DatasetOptions options, int types) {
    List<TokenizedPiece> pieces = corpus.pieces();
    var vocabulary = Vocabulary.build(words(pieces), options.minCount());
    DatasetPart whole = part("all", pieces, vocabulary, options);
    Windows windows = whole.windows();
    Split split = Split.even(windows.size(), options.seed());
    return new MusicDataset(
        options,
        0,
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

  /**
   * A part made of whole pieces with a vocabulary that is given, for instance to judge a stored
   * model on other pieces.
   */
  public static DatasetPart part(
      String name, List<TokenizedPiece> pieces, Vocabulary vocabulary, DatasetOptions options) {
    List<EncodedPiece> encoded = encoded(pieces, vocabulary);
    return new DatasetPart(name, encoded, windows(encoded, options));
  }

  private static Windows windows(List<EncodedPiece> pieces, DatasetOptions options) {
    return Windows.of(pieces, options.contextLength(), options.future(), options.skipNote());
  }

  private static List<EncodedPiece> encoded(List<TokenizedPiece> pieces, Vocabulary vocabulary) {
    return pieces.stream().map(piece -> EncodedPiece.of(piece, vocabulary)).toList();
  }

  /** What it was made with. */
  public DatasetOptions options() {
    return options;
  }

  /** How many pieces were left out because another one before them has the same words. */
  public int duplicates() {
    return duplicates;
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
