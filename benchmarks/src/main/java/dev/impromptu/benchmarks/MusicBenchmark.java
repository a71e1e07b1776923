package dev.impromptu.benchmarks;

import dev.impromptu.music.midi.MidiException;
import dev.impromptu.music.midi.MidiReader;
import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.songbook.Songbook;
import dev.impromptu.music.songbook.SongbookPiece;
import dev.impromptu.music.token.SeedTokenizer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What is done before training, on the whole songbook: {@code bench Music}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MusicBenchmark {
  private List<Score> scores = List.of();
  private List<byte[]> files = List.of();

  /** Default constructor, called by JMH. */
  public MusicBenchmark() {}

  /** Writes the songbook as MIDI, and looks whether reading and cutting it gives the same again. */
  @Setup(Level.Trial)
  public void setUp() throws MidiException {
    scores = Songbook.pieces().stream().map(SongbookPiece::score).toList();
    files = scores.stream().map(MidiWriter::bytes).toList();
    var tokenizer = new SeedTokenizer();
    for (int i = 0; i < files.size(); i++) {
      List<String> met = tokenizer.tokens(MidiReader.read("piece", files.get(i)).score());
      List<String> expected = tokenizer.tokens(scores.get(i));
      if (!met.equals(expected)) {
        throw new AssertionError(
            "%s: %d tokens as written and read, expected the %d of the songbook"
                .formatted(Songbook.pieces().get(i).id(), met.size(), expected.size()));
      }
    }
  }

  /** All pieces from notes to tokens. */
  @Benchmark
  public int tokenize() {
    var tokenizer = new SeedTokenizer();
    return scores.stream().mapToInt(score -> tokenizer.tokens(score).size()).sum();
  }

  /** All pieces from the bytes of MIDI files to notes. */
  @Benchmark
  public int readMidi() throws MidiException {
    int tracks = 0;
    for (byte[] file : files) {
      tracks += MidiReader.read("piece", file).score().parts().size();
    }
    return tracks;
  }
}
