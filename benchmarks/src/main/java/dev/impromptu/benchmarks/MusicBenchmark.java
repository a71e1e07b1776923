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
  private static final int NOTES = 3442;
  private static final int TOKENS = 2583;

  private List<Score> scores = List.of();
  private List<byte[]> files = List.of();

  /** Default constructor, called by JMH. */
  public MusicBenchmark() {}

  /** Writes the songbook as MIDI, and looks whether all notes come back and all tokens out. */
  @Setup(Level.Trial)
  public void setUp() throws MidiException {
    scores = Songbook.pieces().stream().map(SongbookPiece::score).toList();
    files = scores.stream().map(MidiWriter::bytes).toList();
    check("notes read", readMidi(), NOTES);
    check("tokens", tokenize(), TOKENS);
  }

  /**
   * Refuses to time what came out wrong.
   *
   * @throws AssertionError when it did
   */
  static void check(String what, int met, int expected) {
    if (met != expected) {
      throw new AssertionError(
          "%s: met %d, but the songbook holds %d".formatted(what, met, expected));
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
    int notes = 0;
    for (byte[] file : files) {
      Score score = MidiReader.read("piece", file).score();
      notes += score.parts().stream().mapToInt(part -> part.notes().size()).sum();
    }
    return notes;
  }
}
