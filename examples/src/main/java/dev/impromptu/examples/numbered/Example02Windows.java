package dev.impromptu.examples.numbered;

import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.DatasetPart;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.SplitKind;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.songbook.Songbook;
import dev.impromptu.music.songbook.SongbookPiece;
import dev.impromptu.music.token.Tokenizers;
import java.util.Arrays;
import java.util.List;

/**
 * From scores to what a network learns from: tokens, a vocabulary, and windows of 32 tokens with
 * the 8 that follow them.
 *
 * <p>Run it: {@code java -cp "examples/target/impromptu/lib/*:examples/target/impromptu/*"
 * dev.impromptu.examples.numbered.Example02Windows}
 */
public final class Example02Windows {
  private Example02Windows() {}

  /** Prints one window of the songbook. */
  public static void main(String[] args) {
    MusicDataset dataset = dataset(DatasetOptions.DEFAULTS);
    for (DatasetPart part : dataset.parts()) {
      System.out.printf(
          "%-10s %3d passages, %5d windows, %.1f %% of the tokens known%n",
          part.name(), part.pieces().size(), part.windows().size(), 100 * part.coverage());
    }
    System.out.println(first(dataset));
  }

  /** The songbook, passages of it held out because its pieces are few and short. */
  static MusicDataset dataset(DatasetOptions sizes) {
    List<Score> scores = Songbook.pieces().stream().map(SongbookPiece::score).toList();
    // A token that is seen twice teaches nothing; the vocabulary comes from training alone.
    DatasetOptions options = sizes.withMinCount(3).withSplit(SplitKind.PASSAGE);
    return MusicDataset.prepare(scores, Tokenizers.named("seed"), options);
  }

  static String first(MusicDataset dataset) {
    Windows windows = dataset.training().windows();
    int[] x = new int[windows.contextLength()];
    int[] y = new int[windows.future()];
    windows.copy(0, x, 0, y, 0);
    // Ids are for the network; the vocabulary says what they mean.
    List<String> context = dataset.vocabulary().decode(x);
    List<String> future = dataset.vocabulary().decode(y);
    return "context %s%nids     %s%nfuture  %s"
        .formatted(String.join(" ", context), Arrays.toString(x), String.join(" ", future));
  }
}
