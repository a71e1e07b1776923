package dev.impromptu.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes one file from its beginning to its end. */
final class SafetensorsWriter {
  private SafetensorsWriter() {}

  static void write(Safetensors content, OutputStream out) throws IOException {
    // Wide elements first, as the format's own library does it, so that all are aligned.
    List<Map.Entry<String, HostArray>> byWidth =
        content.arrays().entrySet().stream()
            .sorted(Comparator.comparing(entry -> -ElementType.of(entry.getValue()).bytes()))
            .toList();
    byte[] header = header(content, byWidth);
    out.write(ArrayBytes.littleEndian(Long.BYTES).putLong(header.length).array());
    out.write(header);
    for (Map.Entry<String, HostArray> entry : byWidth) {
      ArrayBytes.write(entry.getValue(), out);
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
        .put("dtype", ElementType.of(array).name())
        .put("shape", JsonArray.ofIntegers(shape))
        .put("data_offsets", JsonArray.ofLongIntegers(begin, begin + bytes(array)))
        .build();
  }

  private static long bytes(HostArray array) {
    return (long) array.size() * ElementType.of(array).bytes();
  }
}
