package dev.impromptu.examples.cli;

import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.SplitKind;
import dev.impromptu.music.token.RhythmTokenizer;
import dev.impromptu.music.token.SeedTokenizer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How pieces become windows. */
final class DataOptions {
  /** Kept from a folder of MIDI files: tokens seen this often. */
  private static final int MIDI_MIN_COUNT = 50;

  /** Kept from the songbook, which is small. */
  private static final int SONGBOOK_MIN_COUNT = 3;

  /** Rhythm tokens are few, and a piece without one of them would be told wrong. */
  static final int RHYTHM_MIN_COUNT = 1;

  @Option(
      names = "--tokens",
      paramLabel = "seed|rhythm",
      description =
          "What notes are written as: rhythm keeps octave, voicing, duration and loudness, seed are"
              + " the original project's names of notes and chords (default: rhythm).")
  private @Nullable String tokens;

  @Option(
      names = "--min-count",
      paramLabel = "N",
      description =
          "Drop tokens seen fewer times (default: 1 for rhythm tokens; for seed tokens "
              + MIDI_MIN_COUNT
              + " from a MIDI folder and "
              + SONGBOOK_MIN_COUNT
              + " from the songbook).")
  private @Nullable Integer minCount;

  @Option(
      names = "--skip-note",
      negatable = true,
      description =
          "Leave out the note after the context, as the original project did"
              + " (default: --no-skip-note).")
  private @Nullable Boolean skipNote;

  @Option(
      names = "--split",
      paramLabel = "piece|passage|window",
      converter = Splits.class,
      description =
          "Hold out whole pieces, passages of pieces (for few or short ones), or windows as the"
              + " original project did (default: piece).")
  private @Nullable SplitKind split;

  @Option(
      names = "--fold",
      paramLabel = "N",
      description =
          "Test on the N-th of 5 equal shares of the pieces and validate on half of the next one"
              + " (default: none, 70 : 20 : 10).")
  private @Nullable Integer fold;

  @Option(
      names = "--transpose",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Learn from every training piece also in the keys up to N semitones above and below, at"
              + " most 6; the vocabulary stays that of the pieces as written"
              + " (default: ${DEFAULT-VALUE}).")
  private int transpose;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Decides everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  /** For picocli. */
  DataOptions() {}

  /**
   * The tokenizer's name.
   *
   * @param faithful whether the default is that of the original project
   */
  String tokens(boolean faithful) {
    if (tokens == null) {
      return faithful ? SeedTokenizer.NAME : RhythmTokenizer.NAME;
    }
    if (!tokens.equals(SeedTokenizer.NAME) && !tokens.equals(RhythmTokenizer.NAME)) {
      throw new UsageException("--tokens: met '" + tokens + "', expected seed or rhythm");
    }
    return tokens;
  }

  /**
   * Everything that was given, and defaults for the rest.
   *
   * @param faithful whether the defaults are those of the original project
   */
  DatasetOptions resolve(boolean songbook, boolean faithful) {
    int count = Objects.requireNonNullElse(minCount, usualCount(songbook, faithful));
    UsageException.checkAtLeast("--min-count", count, 1);
    SplitKind usualSplit = faithful ? SplitKind.WINDOW : SplitKind.PIECE;
    SplitKind kind = Objects.requireNonNullElse(split, usualSplit);
    checkWholePieces(kind);
    return DatasetOptions.DEFAULTS
        .withMinCount(count)
        .withSkipNote(Objects.requireNonNullElse(skipNote, faithful))
        .withSplit(kind)
        .withSeed(seed)
        .withFold(fold == null ? 0 : fold)
        .withTranspose(transpose);
  }

  private void checkWholePieces(SplitKind kind) {
    if (fold != null) {
      UsageException.checkAtLeast("--fold", fold, 1);
      if (fold > DatasetOptions.FOLDS) {
        throw new UsageException(
            "--fold: met %d, expected 1 to %d".formatted(fold, DatasetOptions.FOLDS));
      }
    }
    UsageException.checkAtLeast("--transpose", transpose, 0);
    if (transpose > DatasetOptions.MOST_TRANSPOSE) {
      throw new UsageException(
          "--transpose: met %d, expected at most %d semitones"
              .formatted(transpose, DatasetOptions.MOST_TRANSPOSE));
    }
    if (kind == SplitKind.WINDOW && (fold != null || transpose > 0)) {
      throw new UsageException(
          "--fold and --transpose need whole pieces or passages to hold out, but --split is"
              + " window; use --split piece");
    }
  }

  private int usualCount(boolean songbook, boolean faithful) {
    if (faithful) {
      return MIDI_MIN_COUNT;
    }
    if (tokens(false).equals(RhythmTokenizer.NAME)) {
      return RHYTHM_MIN_COUNT;
    }
    return songbook ? SONGBOOK_MIN_COUNT : MIDI_MIN_COUNT;
  }

  /** Reads the name of a split. */
  static final class Splits implements ITypeConverter<SplitKind> {
    /** For picocli. */
    Splits() {}

    @Override
    public SplitKind convert(String name) {
      try {
        return SplitKind.named(name);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("met '" + name + "', expected piece, passage or window");
      }
    }
  }
}
