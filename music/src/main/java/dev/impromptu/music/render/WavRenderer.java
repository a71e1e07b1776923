package dev.impromptu.music.render;

import dev.impromptu.io.AtomicFiles;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.TempoMap;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;

/**
 * Renders scores as WAV files (44,100 Hz, 16 bit, stereo) with the JDK's own software synthesizer
 * and sound bank, faster than they sound and without any sound device.
 *
 * <p>The JVM must be started with {@link #REQUIRED_FLAG}. Sound louder than the format can hold is
 * scaled down as a whole, so nothing clips; quieter sound is left as it is.
 */
public final class WavRenderer {
  /** The flag of the JVM that lets the synthesizer be used. */
  public static final String REQUIRED_FLAG =
      "--add-exports java.desktop/com.sun.media.sound=ALL-UNNAMED";

  /** Frames a second. */
  public static final int SAMPLE_RATE = 44_100;

  /** How long the sound goes on after the last release, in seconds. */
  public static final double TAIL_SECONDS = 2;

  /** The longest score rendered, in seconds. */
  public static final double MAX_SECONDS = 7200;

  private static final int CHANNELS = 2;
  private static final float FULL_SCALE = 0.98f;
  private static final int BLOCK_FRAMES = 4096;

  private static final AudioFormat FLOATS =
      new AudioFormat(
          AudioFormat.Encoding.PCM_FLOAT,
          SAMPLE_RATE,
          Float.SIZE,
          CHANNELS,
          Float.BYTES * CHANNELS,
          SAMPLE_RATE,
          false);

  private WavRenderer() {}

  /**
   * Renders {@code score} to {@code file}, which is replaced as a whole or not at all.
   *
   * @throws IllegalArgumentException if the score lasts longer than {@link #MAX_SECONDS}
   * @throws IOException if the synthesizer cannot be used (the message names the flag to add) or
   *     the file cannot be written
   */
  public static void write(Score score, Path file) throws IOException {
    double seconds = TempoMap.seconds(score);
    if (seconds > MAX_SECONDS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "WavRenderer: the score lasts %.0f seconds, at most %.0f are rendered",
              seconds,
              MAX_SECONDS));
    }
    long frames = (long) Math.ceil((seconds + TAIL_SECONDS) * SAMPLE_RATE);
    // The factor that avoids clipping is known only after the last frame, so the sound waits in a
    // file; in memory an hour of it would take more than a gigabyte.
    Path raw = Files.createTempFile("impromptu", ".f32");
    try {
      float peak = renderRaw(score, frames, raw);
      float scale = peak > FULL_SCALE ? FULL_SCALE / peak : 1;
      AtomicFiles.write(file, out -> writeWav(raw, frames, scale, out));
    } finally {
      Files.delete(raw);
    }
  }

  /** Writes the frames as little-endian floats and returns the largest magnitude. */
  private static float renderRaw(Score score, long frames, Path raw) throws IOException {
    float peak = 0;
    try (Synthesizer synthesizer = Synthesizer.open(FLOATS);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(raw))) {
      synthesizer.schedule(score);
      AudioInputStream sound = synthesizer.sound();
      byte[] block = new byte[BLOCK_FRAMES * FLOATS.getFrameSize()];
      ByteBuffer floats = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
      for (long left = frames; left > 0; left -= BLOCK_FRAMES) {
        int length = (int) Math.min(left, BLOCK_FRAMES) * FLOATS.getFrameSize();
        if (sound.readNBytes(block, 0, length) < length) {
          throw new IOException("the synthesizer stopped early");
        }
        for (int i = 0; i < length; i += Float.BYTES) {
          peak = Math.max(peak, Math.abs(floats.getFloat(i)));
        }
        out.write(block, 0, length);
      }
    }
    return peak;
  }

  private static void writeWav(Path raw, long frames, float scale, OutputStream out)
      throws IOException {
    long dataBytes = frames * CHANNELS * Short.BYTES;
    out.write(header(dataBytes));
    byte[] block = new byte[BLOCK_FRAMES * FLOATS.getFrameSize()];
    ByteBuffer floats = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(raw))) {
      for (int length = in.readNBytes(block, 0, block.length);
          length > 0;
          length = in.readNBytes(block, 0, block.length)) {
        for (int i = 0; i < length; i += Float.BYTES) {
          int sample = Math.round(floats.getFloat(i) * scale * Short.MAX_VALUE);
          out.write(sample);
          out.write(sample >> 8);
        }
      }
    }
  }

  private static byte[] header(long dataBytes) {
    int frameSize = CHANNELS * Short.BYTES;
    return ByteBuffer.allocate(44)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(ascii("RIFF"))
        .putInt((int) (36 + dataBytes))
        .put(ascii("WAVEfmt "))
        .putInt(16)
        .putShort((short) 1)
        .putShort((short) CHANNELS)
        .putInt(SAMPLE_RATE)
        .putInt(SAMPLE_RATE * frameSize)
        .putShort((short) frameSize)
        .putShort((short) Short.SIZE)
        .put(ascii("data"))
        .putInt((int) dataBytes)
        .array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
