package dev.impromptu.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.function.Function;

/** The bare values of arrays in files: row-major and little-endian, a chunk at a time. */
final class ArrayBytes {
  /** A multiple of every element's bytes. */
  private static final int CHUNK_BYTES = 1 << 18;

  private ArrayBytes() {}

  /**
   * Fills a buffer to its limit and flips it.
   *
   * @param shorter makes the error for a channel that ends before
   */
  static void fill(
      ReadableByteChannel channel, ByteBuffer buffer, Function<String, IOException> shorter)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw shorter.apply("became shorter while it was read");
      }
    }
    buffer.flip();
  }

  /**
   * Reads the values of one array. It is allocated first, so the caller has made sure that they are
   * there.
   *
   * @param size how many values
   * @param source fills a buffer to its limit and flips it
   */
  static HostArray read(
      ElementType type, List<Integer> shape, int size, IOConsumer<ByteBuffer> source)
      throws IOException {
    long bytes = (long) size * type.bytes();
    return switch (type) {
      case F16 -> {
        float[] values = new float[size];
        FloatBuffer target = FloatBuffer.wrap(values);
        transfer(
            bytes,
            source,
            chunk -> {
              while (chunk.hasRemaining()) {
                target.put(Float.float16ToFloat(chunk.getShort()));
              }
            });
        yield new HostArray.Floats(shape, values);
      }
      case BF16 -> {
        float[] values = new float[size];
        FloatBuffer target = FloatBuffer.wrap(values);
        transfer(
            bytes,
            source,
            chunk -> {
              while (chunk.hasRemaining()) {
                target.put(Float.intBitsToFloat(chunk.getShort() << 16));
              }
            });
        yield new HostArray.Floats(shape, values);
      }
      case F32 -> {
        float[] values = new float[size];
        FloatBuffer target = FloatBuffer.wrap(values);
        transfer(bytes, source, chunk -> target.put(chunk.asFloatBuffer()));
        yield new HostArray.Floats(shape, values);
      }
      case F64 -> {
        double[] values = new double[size];
        DoubleBuffer target = DoubleBuffer.wrap(values);
        transfer(bytes, source, chunk -> target.put(chunk.asDoubleBuffer()));
        yield new HostArray.Doubles(shape, values);
      }
      case I32 -> {
        int[] values = new int[size];
        IntBuffer target = IntBuffer.wrap(values);
        transfer(bytes, source, chunk -> target.put(chunk.asIntBuffer()));
        yield new HostArray.Ints(shape, values);
      }
      case I64 -> {
        long[] values = new long[size];
        LongBuffer target = LongBuffer.wrap(values);
        transfer(bytes, source, chunk -> target.put(chunk.asLongBuffer()));
        yield new HostArray.Longs(shape, values);
      }
    };
  }

  private static void transfer(
      long bytes, IOConsumer<ByteBuffer> source, IOConsumer<ByteBuffer> target) throws IOException {
    ByteBuffer chunk = littleEndian((int) Math.min(CHUNK_BYTES, bytes));
    for (long left = bytes; left > 0; left -= chunk.limit()) {
      chunk.clear().limit((int) Math.min(left, chunk.capacity()));
      source.accept(chunk);
      target.accept(chunk);
    }
  }

  /** Writes the values of one array. */
  static void write(HostArray array, OutputStream out) throws IOException {
    int width = ElementType.of(array).bytes();
    int perChunk = Math.min(array.size(), CHUNK_BYTES / width);
    ByteBuffer chunk = littleEndian(perChunk * width);
    for (int from = 0; from < array.size(); from += perChunk) {
      int count = Math.min(perChunk, array.size() - from);
      switch (array) {
        case HostArray.Floats(var _, var values) -> chunk.asFloatBuffer().put(values, from, count);
        case HostArray.Doubles(var _, var values) ->
            chunk.asDoubleBuffer().put(values, from, count);
        case HostArray.Ints(var _, var values) -> chunk.asIntBuffer().put(values, from, count);
        case HostArray.Longs(var _, var values) -> chunk.asLongBuffer().put(values, from, count);
      }
      out.write(chunk.array(), 0, count * width);
    }
  }

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
