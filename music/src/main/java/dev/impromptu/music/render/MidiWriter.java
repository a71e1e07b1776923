package dev.impromptu.music.render;

import dev.impromptu.io.AtomicFiles;
import dev.impromptu.music.score.Score;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import jm.midi.MidiParser;
import jm.midi.SMF;

/**
 * Writes scores as MIDI files of format 1 with 480 ticks a beat, through jMusic's score model.
 *
 * <p>Scores of another resolution are rounded to the nearest tick, and a note without length
 * becomes one tick long. Notes of one part that overlap on the same key go to tracks and channels
 * of their own, so that no release ends the wrong note. The percussion channel is never used; from
 * the sixteenth track on channels are used again, and there a release may end another track's note.
 *
 * <p>Safe for use by several threads: jMusic keeps state in static fields, so all writing goes
 * through one lock. Standard output is held back meanwhile, because jMusic prints there for each
 * note.
 */
public final class MidiWriter {
  /** Ticks a beat of the files written: jMusic's own resolution. */
  public static final int TICKS_PER_BEAT = 480;

  /** Tracks with notes in one file: as many as its header can count, the tempo track aside. */
  static final int MOST_TRACKS = 65_534;

  private static final ReentrantLock JMUSIC = new ReentrantLock();

  private MidiWriter() {}

  /**
   * Writes {@code score} to {@code file}, which is replaced as a whole or not at all.
   *
   * @throws IllegalArgumentException if the score is longer than a MIDI file can be, or needs more
   *     tracks than one can count
   * @throws IOException if the file cannot be written
   */
  public static void write(Score score, Path file) throws IOException {
    byte[] bytes = bytes(score);
    AtomicFiles.write(file, out -> out.write(bytes));
  }

  /**
   * The bytes of {@code score} as a MIDI file.
   *
   * @throws IllegalArgumentException if the score is longer than a MIDI file can be, or needs more
   *     tracks than one can count
   */
  public static byte[] bytes(Score score) {
    var out = new ByteArrayOutputStream();
    JMUSIC.lock();
    PrintStream standardOutput = System.out;
    try (var silence =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      System.setOut(silence);
      // These two calls are what jm.util.Write.midi(Score, OutputStream) consists of. It writes one
      // tempo only and swallows exceptions, so the other tempos are added between them.
      var smf = new SMF();
      MidiParser.scoreToSMF(JMusicScore.of(score), smf);
      JMusicScore.addTempoChanges(score, smf);
      JMusicScore.addPedals(score, smf);
      smf.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    } finally {
      System.setOut(standardOutput);
      JMUSIC.unlock();
    }
    return out.toByteArray();
  }
}
