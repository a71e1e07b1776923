package dev.impromptu.examples.cli;

import dev.impromptu.music.data.DatasetCsv;
import dev.impromptu.music.data.DatasetPart;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.score.Score;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a data set and says what is in it. */
@Command(
    name = "dataset",
    description = "Turn pieces into tokens and windows, and say how many there are.")
final class DatasetCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private SourceOptions source = new SourceOptions();
  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Write notes.csv, trainset.csv, validationset.csv and testset.csv there"
              + " (default: nothing is written).")
  private @Nullable Path out;

  DatasetCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    String tokens = data.tokens(false);
    var options = data.resolve(source.isSongbook(), false);
    List<Score> scores = source.load(session);
    MusicDataset dataset = Datasets.prepare(scores, tokens, options);
    Datasets.tell(session, scores.size(), tokens, dataset);
    if (out != null) {
      DatasetCsv.write(dataset, out);
      session.figure("written", out.resolve("notes.csv"));
      for (DatasetPart part : dataset.parts()) {
        session.figure("written", out.resolve(part.name() + "set.csv"));
      }
    }
    return 0;
  }
}
