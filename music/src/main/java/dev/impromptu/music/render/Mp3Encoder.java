package dev.impromptu.music.render;

import de.sciss.jump3r.lowlevel.LameEncoder;
import java.io.IOException;
import java.io.OutputStream;
import javax.sound.sampled.AudioFormat;

/** Encodes 16-bit samples as MP3 by jump3r, which is LAME in Java. */
final class Mp3Encoder implements AutoCloseable {
  /** The bit rate. */
  static final int KILOBITS = 192;

  private final LameEncoder lame;
  private final OutputStream out;
  private final byte[] encoded;
  private final int mostAtOnce;

  Mp3Encoder(AudioFormat format, OutputStream out) {
    lame =
        new LameEncoder(
            format,
            KILOBITS,
            LameEncoder.CHANNEL_MODE_JOINT_STEREO,
            LameEncoder.QUALITY_MIDDLE,
            false);
    this.out = out;
    encoded = new byte[lame.getOutputBufferSize()];
    mostAtOnce = lame.getInputBufferSize();
  }

  void write(byte[] samples, int offset, int length) throws IOException {
    int end = offset + length;
    for (int from = offset; from < end; from += mostAtOnce) {
      int count = lame.encodeBuffer(samples, from, Math.min(mostAtOnce, end - from), encoded);
      out.write(encoded, 0, count);
    }
  }

  /** Writes what the encoder still holds; leaves the stream open. */
  @Override
  public void close() throws IOException {
    out.write(encoded, 0, lame.encodeFinish(encoded));
    lame.close();
  }
}
