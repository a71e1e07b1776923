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
 * A score as sound (44,100 Hz, 16 bit, stereo), rendered by the JDK's own software synthesizer and
 * sound bank faster than it sounds and without any sound device, and written in as many forms as
 * wanted.
 *
 * <p>The JVM must be started with {@link #REQUIRED_FLAG}. Sound louder than the format can hold is
 * scaled down as a whole, so nothing clips; quieter sound is left as it is. The sound waits in a
 * temporary file until this is closed: the factor that avoids clipping is known only after the last
 * frame, and in memory an hour would take more than a gigabyte.
 */
public final class Sound implements AutoCloseable {
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

  static final AudioFormat PCM = new AudioFormat(SAMPLE_RATE, Short.SIZE, CHANNELS, true, false);

  private static final AudioFormat FLOATS =
      new AudioFormat(
          AudioFormat.Encoding.PCM_FLOAT,
          SAMPLE_RATE,
          Float.SIZE,
          CHANNELS,
          Float.BYTES * CHANNELS,
          SAMPLE_RATE,
          false);

  private final Path raw;
  private final long frames;
  private final float scale;

  private Sound(Path raw, long frames, float scale) {
    this.raw = raw;
    this.frames = frames;
    this.scale = scale;
  }

  /**
   * Renders {@code score}.
   *
   * @throws IllegalArgumentException if the score lasts longer than {@link #MAX_SECONDS}
   * @throws IOException if the synthesizer cannot be used; the message names the flag to add
   */
  public static Sound render(Score score) throws IOException {
    double seconds = TempoMap.seconds(score);
    if (seconds > MAX_SECONDS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Sound: the score lasts %.0f seconds, at most %.0f are rendered",
              seconds,
              MAX_SECONDS));
    }
    long frames = (long) Math.ceil((seconds + TAIL_SECONDS) * SAMPLE_RATE);
    Path raw = AtomicFiles.createTemporary("impromptu", ".f32");
    try {
      float peak = renderRaw(score, frames, raw);
      return new Sound(raw, frames, peak > FULL_SCALE ? FULL_SCALE / peak : 1);
    } catch (IOException | RuntimeException e) {
      AtomicFiles.deleteTemporary(raw);
      throw e;
    }
  }

  /**
   * Writes it to the WAV {@code file}, which is replaced as a whole or not at all.
   *
   * @throws IOException if the file cannot be written
   */
  public void wav(Path file) throws IOException {
    AtomicFiles.write(
        file,
        out -> {
          out.write(header(frames * CHANNELS * Short.BYTES));
          samples(out::write);
        });
  }

  /**
   * Writes it to the MP3 {@code file} at {@value Mp3Encoder#KILOBITS} kbit/s, which is replaced as
   * a whole or not at all.
   *
   * @throws IOException if the file cannot be written
   */
  public void mp3(Path file) throws IOException {
    AtomicFiles.write(
        file,
        out -> {
          try (var encoder = new Mp3Encoder(PCM, out)) {
            samples(encoder::write);
          }
        });
  }

  @Override
  public void close() throws IOException {
    AtomicFiles.deleteTemporary(raw);
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

  /** Takes a block of samples. */
  private interface Sink {
    void write(byte[] block, int offset, int length) throws IOException;
  }

  /** Hands on all samples, 16 bit little-endian. */
  private void samples(Sink sink) throws IOException {
    byte[] block = new byte[BLOCK_FRAMES * FLOATS.getFrameSize()];
    ByteBuffer floats = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer shorts =
        ByteBuffer.allocate(BLOCK_FRAMES * PCM.getFrameSize()).order(ByteOrder.LITTLE_ENDIAN);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(raw))) {
      for (int length = in.readNBytes(block, 0, block.length);
          length > 0;
          length = in.readNBytes(block, 0, block.length)) {
        shorts.clear();
        for (int i = 0; i < length; i += Float.BYTES) {
          shorts.putShort((short) Math.round(floats.getFloat(i) * scale * Short.MAX_VALUE));
        }
        sink.write(shorts.array(), 0, shorts.position());
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
