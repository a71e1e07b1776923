package dev.impromptu.examples.cli;

import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.DatasetPart;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.SplitKind;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.token.Tokenizers;
import java.util.List;

/** Making data sets and telling what is in them. */
final class Datasets {
  private Datasets() {}

  static MusicDataset prepare(List<Score> scores, String tokens, DatasetOptions options) {
    return MusicDataset.prepare(scores, Tokenizers.named(tokens), options);
  }

  /** Prints its figures. */
  static void tell(Session session, int pieces, String tokens, MusicDataset dataset) {
    DatasetOptions options = dataset.options();
    session.figure("pieces", pieces);
    if (dataset.duplicates() > 0) {
      session.figure("duplicate_pieces", dataset.duplicates());
    }
    session.figure("tokenizer", tokens);
    session.figure("tokens", dataset.tokens());
    session.figure("token_types", dataset.typesBefore());
    session.figure("min_count", options.minCount());
    session.figure("kept_types", dataset.vocabulary().size());
    session.figure("dropped_tokens", dataset.dropped());
    session.figure("split", options.split().optionName());
    if (options.fold() > 0) {
      session.figure("fold", options.fold());
    }
    session.figure("transpose", options.transpose());
    session.figure("skip_note", options.skipNote());
    session.figure("windows", dataset.windowCount());
    for (DatasetPart part : dataset.parts()) {
      session.figure(part.name() + "_windows", part.windows().size());
    }
    if (options.split() != SplitKind.WINDOW) {
      String things = options.split() == SplitKind.PIECE ? "_pieces" : "_passages";
      for (DatasetPart part : dataset.parts()) {
        session.figure(part.name() + things, part.pieces().size());
      }
      for (DatasetPart part : dataset.parts()) {
        session.figure(part.name() + "_coverage_percent", 100 * part.coverage(), 2);
      }
    } else {
      session.note(
          "note: split by window, nearly all notes of a held-out window stand in training windows"
              + " too, so its figures say little about unknown music");
    }
  }
}
