package dev.impromptu.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Reads one file from its beginning to its end. */
final class SafetensorsReader {
  private static final int CHUNK_BYTES = 1 << 18;

  private final String file;
  private final FileChannel channel;

  private SafetensorsReader(String file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static Safetensors read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new SafetensorsReader(file.toString(), channel).read();
    }
  }

  private Safetensors read() throws IOException {
    long fileBytes = channel.size();
    if (fileBytes < Long.BYTES) {
      throw new SafetensorsException(
          file + ": is " + fileBytes + " bytes long, too short for a safetensors file");
    }
    long headerBytes = bytes(Long.BYTES).getLong();
    if (headerBytes < 0 || headerBytes > fileBytes - Long.BYTES) {
      throw new SafetensorsException(
          "%s: the header claims %s bytes, but the file has %d after its length"
              .formatted(file, Long.toUnsignedString(headerBytes), fileBytes - Long.BYTES));
    }
    if (headerBytes > SafetensorsHeader.MAX_BYTES) {
      throw new SafetensorsException(
          "%s: the header claims %d bytes, more than the %d allowed"
              .formatted(file, headerBytes, SafetensorsHeader.MAX_BYTES));
    }
    long dataBytes = fileBytes - Long.BYTES - headerBytes;
    SafetensorsHeader header = SafetensorsHeader.parse(file, bytes((int) headerBytes), dataBytes);
    Map<String, HostArray> byName = new HashMap<>();
    ByteBuffer chunk =
        ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, dataBytes)).order(ByteOrder.LITTLE_ENDIAN);
    for (SafetensorsHeader.Entry entry : SafetensorsHeader.byOffset(header.entries())) {
      byName.put(entry.name(), array(entry, chunk));
    }
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    header.entries().forEach(entry -> arrays.put(entry.name(), byName.get(entry.name())));
    return new Safetensors(arrays, header.metadata());
  }

  private HostArray array(SafetensorsHeader.Entry entry, ByteBuffer chunk) throws IOException {
    long bytes = entry.end() - entry.begin();
    return switch (entry.type()) {
      case F32 -> {
        float[] values = new float[entry.size()];
        FloatBuffer target = FloatBuffer.wrap(values);
        transfer(bytes, chunk, part -> target.put(part.asFloatBuffer()));
        yield new HostArray.Floats(entry.shape(), values);
      }
      case F64 -> {
        double[] values = new double[entry.size()];
        DoubleBuffer target = DoubleBuffer.wrap(values);
        transfer(bytes, chunk, part -> target.put(part.asDoubleBuffer()));
        yield new HostArray.Doubles(entry.shape(), values);
      }
      case I32 -> {
        int[] values = new int[entry.size()];
        IntBuffer target = IntBuffer.wrap(values);
        transfer(bytes, chunk, part -> target.put(part.asIntBuffer()));
        yield new HostArray.Ints(entry.shape(), values);
      }
      case I64 -> {
        long[] values = new long[entry.size()];
        LongBuffer target = LongBuffer.wrap(values);
        transfer(bytes, chunk, part -> target.put(part.asLongBuffer()));
        yield new HostArray.Longs(entry.shape(), values);
      }
    };
  }

  private void transfer(long bytes, ByteBuffer chunk, Consumer<ByteBuffer> target)
      throws IOException {
    for (long left = bytes; left > 0; left -= chunk.limit()) {
      chunk.clear().limit((int) Math.min(left, chunk.capacity()));
      fill(chunk);
      target.accept(chunk);
    }
  }

  private ByteBuffer bytes(int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    fill(bytes);
    return bytes;
  }

  private void fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new SafetensorsException(file + ": became shorter while it was read");
      }
    }
    buffer.flip();
  }
}
