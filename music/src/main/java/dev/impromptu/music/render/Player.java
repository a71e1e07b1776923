package dev.impromptu.music.render;

import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.TempoMap;
import java.io.IOException;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.SourceDataLine;

/** Plays scores aloud on the default sound device, rendered by the JDK's synthesizer as it goes. */
public final class Player {
  private static final int BLOCK_FRAMES = 4096;

  private Player() {}

  /**
   * Plays {@code score} to its end.
   *
   * @throws IOException if there is no sound device or it is taken, or the synthesizer cannot be
   *     used
   */
  public static void play(Score score) throws IOException {
    var wanted = new DataLine.Info(SourceDataLine.class, Sound.PCM);
    if (!AudioSystem.isLineSupported(wanted)) {
      throw new IOException(
          "this machine has no sound device to play on; write the sound to a file with"
              + " 'impromptu compose --wav' and take it to one that has");
    }
    try (var line = (SourceDataLine) AudioSystem.getLine(wanted);
        Synthesizer synthesizer = Synthesizer.open(Sound.PCM)) {
      line.open(Sound.PCM);
      line.start();
      synthesizer.schedule(score);
      byte[] block = new byte[BLOCK_FRAMES * Sound.PCM.getFrameSize()];
      double seconds = TempoMap.seconds(score) + Sound.TAIL_SECONDS;
      for (long left = (long) (seconds * Sound.SAMPLE_RATE); left > 0; left -= BLOCK_FRAMES) {
        int length = synthesizer.sound().readNBytes(block, 0, block.length);
        line.write(block, 0, length);
      }
      line.drain();
    } catch (LineUnavailableException e) {
      throw new IOException("the sound device cannot be used now: " + e.getMessage(), e);
    }
  }
}
