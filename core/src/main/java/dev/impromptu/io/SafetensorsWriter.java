package dev.impromptu.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes one file from its beginning to its end, a chunk at a time. */
final class SafetensorsWriter {
  private static final int CHUNK_BYTES = 1 << 16;

  private final OutputStream out;
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private SafetensorsWriter(OutputStream out) {
    this.out = out;
  }

  static void write(Safetensors content, OutputStream out) throws IOException {
    // Wide elements first, as the format's own library does it, so that all are aligned.
    List<Map.Entry<String, HostArray>> byWidth =
        content.arrays().entrySet().stream()
            .sorted(Comparator.comparing(entry -> -SafetensorsType.of(entry.getValue()).bytes()))
            .toList();
    byte[] header = header(content, byWidth);
    byte[] length =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .array();
    out.write(length);
    out.write(header);
    SafetensorsWriter writer = new SafetensorsWriter(out);
    for (Map.Entry<String, HostArray> entry : byWidth) {
      writer.values(entry.getValue());
    }
    out.flush();
  }

  private static byte[] header(Safetensors content, List<Map.Entry<String, HostArray>> order) {
    Map<String, Long> begins = new HashMap<>();
    long offset = 0;
    for (Map.Entry<String, HostArray> entry : order) {
      begins.put(entry.getKey(), offset);
      offset += bytes(entry.getValue());
    }
    JsonObject.Builder header = JsonObject.builder();
    if (!content.metadata().isEmpty()) {
      JsonObject.Builder metadata = JsonObject.builder();
      content.metadata().forEach(metadata::put);
      header.put(SafetensorsHeader.METADATA, metadata.build());
    }
    content
        .arrays()
        .forEach((name, array) -> header.put(name, entry(array, begins.getOrDefault(name, 0L))));
    StringBuilder json = new StringBuilder(Json.compact(header.build()));
    int bytes = json.toString().getBytes(StandardCharsets.UTF_8).length;
    json.repeat(' ', -bytes & 7);
    byte[] encoded = json.toString().getBytes(StandardCharsets.UTF_8);
    if (encoded.length > SafetensorsHeader.MAX_BYTES) {
      throw new IllegalArgumentException(
          "Safetensors: the names and metadata need a header of "
              + encoded.length
              + " bytes, more than the "
              + SafetensorsHeader.MAX_BYTES
              + " allowed");
    }
    return encoded;
  }

  private static JsonObject entry(HostArray array, long begin) {
    int[] shape = array.shape().stream().mapToInt(Integer::intValue).toArray();
    return JsonObject.builder()
        .put("dtype", SafetensorsType.of(array).name())
        .put("shape", JsonArray.ofIntegers(shape))
        .put("data_offsets", JsonArray.ofLongIntegers(begin, begin + bytes(array)))
        .build();
  }

  private static long bytes(HostArray array) {
    return (long) array.size() * SafetensorsType.of(array).bytes();
  }

  private void values(HostArray array) throws IOException {
    int perChunk = CHUNK_BYTES / SafetensorsType.of(array).bytes();
    int from = 0;
    while (from < array.size()) {
      int count = Math.min(perChunk, array.size() - from);
      switch (array) {
        case HostArray.Floats(var shape, var values) ->
            chunk.asFloatBuffer().put(FloatBuffer.wrap(values, from, count));
        case HostArray.Doubles(var shape, var values) ->
            chunk.asDoubleBuffer().put(DoubleBuffer.wrap(values, from, count));
        case HostArray.Ints(var shape, var values) ->
            chunk.asIntBuffer().put(IntBuffer.wrap(values, from, count));
        case HostArray.Longs(var shape, var values) ->
            chunk.asLongBuffer().put(LongBuffer.wrap(values, from, count));
      }
      out.write(chunk.array(), 0, count * SafetensorsType.of(array).bytes());
      from += count;
    }
  }
}
