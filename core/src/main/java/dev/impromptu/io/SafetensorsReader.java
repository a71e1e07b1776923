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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Reads one file or stream from its beginning to its end. */
final class SafetensorsReader {
  private static final int SKIPPED_AT_ONCE = 1 << 16;

  private final String source;
  private final ReadableByteChannel channel;
  private final Predicate<String> wanted;

  private SafetensorsReader(String source, ReadableByteChannel channel, Predicate<String> wanted) {
    this.source = source;
    this.channel = channel;
    this.wanted = wanted;
  }

  /**
   * What was read.
   *
   * @param wanted the arrays that were wanted, and the metadata
   * @param others names of the other arrays, in the order of the header
   */
  record Selection(Safetensors wanted, List<String> others) {}

  /**
   * Reads the arrays of a file that are wanted. The header is checked as a whole, but for the sizes
   * of what is not wanted and has an element type that cannot be read.
   *
   * @param wanted tells by its name whether an array is
   */
  static Selection read(Path file, Predicate<String> wanted) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new SafetensorsReader(file.toString(), channel, wanted).read(channel.size());
    }
  }

  /** The length of a stream is known at its end alone, so all of it is held before it is judged. */
  static Selection read(String name, InputStream in, Predicate<String> wanted) throws IOException {
    byte[] bytes = in.readNBytes(Integer.MAX_VALUE - Long.BYTES);
    if (in.read() >= 0) {
      throw new SafetensorsException(
          name + ": is longer than 2 GiB, too long for a stream; read it from a file");
    }
    var channel = Channels.newChannel(new ByteArrayInputStream(bytes));
    return new SafetensorsReader(name, channel, wanted).read(bytes.length);
  }

  private Selection read(long fileBytes) throws IOException {
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
    SafetensorsHeader header =
        SafetensorsHeader.parse(source, bytes((int) headerBytes), dataBytes, wanted);
    Map<String, HostArray> byName = new HashMap<>();
    for (SafetensorsHeader.Entry entry : SafetensorsHeader.byOffset(header.entries())) {
      ElementType type = entry.type();
      if (type == null || !wanted.test(entry.name())) {
        skip(entry.end() - entry.begin());
      } else {
        byName.put(
            entry.name(), ArrayBytes.read(type, entry.shape(), entry.size(type), this::fill));
      }
    }
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    List<String> others = new ArrayList<>();
    for (SafetensorsHeader.Entry entry : header.entries()) {
      HostArray array = byName.get(entry.name());
      if (array == null) {
        others.add(entry.name());
      } else {
        arrays.put(entry.name(), array);
      }
    }
    return new Selection(new Safetensors(arrays, header.metadata()), others);
  }

  private void skip(long count) throws IOException {
    ByteBuffer scratch = ArrayBytes.littleEndian((int) Math.min(count, SKIPPED_AT_ONCE));
    for (long left = count; left > 0; left -= scratch.limit()) {
      scratch.clear().limit((int) Math.min(left, scratch.capacity()));
      fill(scratch);
    }
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
