package dev.impromptu.io;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads one file or stream from its beginning to its end. */
final class SafetensorsReader {
  private final String source;
  private final ReadableByteChannel channel;

  private SafetensorsReader(String source, ReadableByteChannel channel) {
    this.source = source;
    this.channel = channel;
  }

  static Safetensors read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new SafetensorsReader(file.toString(), channel).read(channel.size());
    }
  }

  /** The length of a stream is known at its end alone, so all of it is held before it is judged. */
  static Safetensors read(String name, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(Integer.MAX_VALUE - Long.BYTES);
    if (in.read() >= 0) {
      throw new SafetensorsException(
          name + ": is longer than 2 GiB, too long for a stream; read it from a file");
    }
    var channel = Channels.newChannel(new ByteArrayInputStream(bytes));
    return new SafetensorsReader(name, channel).read(bytes.length);
  }

  private Safetensors read(long fileBytes) throws IOException {
    if (fileBytes < Long.BYTES) {
      throw new SafetensorsException(
          source + ": is " + fileBytes + " bytes long, too short for a safetensors file");
    }
    long headerBytes = bytes(Long.BYTES).getLong();
    if (headerBytes < 0 || headerBytes > fileBytes - Long.BYTES) {
      throw new SafetensorsException(
          "%s: the header claims %s bytes, but the file has %d after its length"
              .formatted(source, Long.toUnsignedString(headerBytes), fileBytes - Long.BYTES));
    }
    if (headerBytes > SafetensorsHeader.MAX_BYTES) {
      throw new SafetensorsException(
          "%s: the header claims %d bytes, more than the %d allowed"
              .formatted(source, headerBytes, SafetensorsHeader.MAX_BYTES));
    }
    long dataBytes = fileBytes - Long.BYTES - headerBytes;
    SafetensorsHeader header = SafetensorsHeader.parse(source, bytes((int) headerBytes), dataBytes);
    Map<String, HostArray> byName = new HashMap<>();
    for (SafetensorsHeader.Entry entry : SafetensorsHeader.byOffset(header.entries())) {
      byName.put(
          entry.name(), ArrayBytes.read(entry.type(), entry.shape(), entry.size(), this::fill));
    }
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    header.entries().forEach(entry -> arrays.put(entry.name(), byName.get(entry.name())));
    return new Safetensors(arrays, header.metadata());
  }

  private ByteBuffer bytes(int count) throws IOException {
    ByteBuffer bytes = ArrayBytes.littleEndian(count);
    fill(bytes);
    return bytes;
  }

  private void fill(ByteBuffer buffer) throws IOException {
    ArrayBytes.fill(channel, buffer, what -> new SafetensorsException(source + ": " + what));
  }
}
