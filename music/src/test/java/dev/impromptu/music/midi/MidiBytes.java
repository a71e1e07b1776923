package dev.impromptu.music.midi;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Builds MIDI files byte by byte, right or wrong as a test wants them. */
public final class MidiBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public static byte[] hex(String hex) {
    String digits = hex.replaceAll("\\s", "");
    byte[] bytes = new byte[digits.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16);
    }
    return bytes;
  }

  public MidiBytes header(int format, int tracks, int division) {
    raw("MThd".getBytes(StandardCharsets.US_ASCII));
    raw(ByteBuffer.allocate(10).putInt(6).putShort((short) format).array(), 6);
    raw(ByteBuffer.allocate(4).putShort((short) tracks).putShort((short) division).array());
    return this;
  }

  public MidiBytes track(String hex) {
    byte[] events = hex(hex);
    return chunk("MTrk", events.length, events);
  }

  public MidiBytes chunk(String tag, long statedLength, byte[] content) {
    raw(tag.getBytes(StandardCharsets.US_ASCII));
    raw(ByteBuffer.allocate(4).putInt((int) statedLength).array());
    return raw(content);
  }

  public MidiBytes raw(byte... bytes) {
    return raw(bytes, bytes.length);
  }

  private MidiBytes raw(byte[] bytes, int length) {
    out.write(bytes, 0, length);
    return this;
  }

  public byte[] bytes() {
    return out.toByteArray();
  }

  public MidiFile read() throws MidiException {
    return MidiReader.read("test.mid", bytes());
  }
}
