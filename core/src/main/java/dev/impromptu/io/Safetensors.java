package dev.impromptu.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named arrays and a few strings about them, as a safetensors file holds them: eight bytes of
 * header length, a JSON header, then the bare values, all little-endian. PyTorch and the other
 * libraries of the format (github.com/huggingface/safetensors) read what this writes. Of its
 * element types this knows F32, F64, I32 and I64, reads F16 and BF16 as the 32-bit numbers they
 * stand for, and refuses the others by name.
 *
 * @param arrays by name, in an order that the file keeps
 * @param metadata strings by name, in an order that the file keeps; empty for none
 */
public record Safetensors(Map<String, HostArray> arrays, Map<String, String> metadata) {
  /**
   * Copies the maps, not the values.
   *
   * @throws IllegalArgumentException if an array has the name {@code __metadata__}, which the
   *     format reserves, or a name or string is not Unicode
   */
  public Safetensors {
    arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    if (arrays.containsKey(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException(
          "Safetensors: no array can have the name \"" + SafetensorsHeader.METADATA + "\"");
    }
    arrays.keySet().forEach(Json::requireUnicode);
    metadata.keySet().forEach(Json::requireUnicode);
    metadata.values().forEach(Json::requireUnicode);
  }

  /**
   * Reads a file. Its whole header is checked before anything is allocated for the values: every
   * byte of the data must belong to exactly one array.
   *
   * @param file to read
   * @return its arrays and metadata
   * @throws SafetensorsException if it is malformed or holds another element type
   * @throws IOException if it cannot be read
   */
  public static Safetensors read(Path file) throws IOException {
    return SafetensorsReader.read(file, _ -> true).wanted();
  }

  /**
   * Reads a stream to its end, for example of a resource on the class path. It is checked as a file
   * is; until then all of it is held in memory.
   *
   * @param name what errors call it
   * @param in at most 2 GiB; it is not closed
   * @return its arrays and metadata
   * @throws SafetensorsException if it is malformed, too long, or holds another element type
   * @throws IOException if it cannot be read
   */
  public static Safetensors read(String name, InputStream in) throws IOException {
    return SafetensorsReader.read(name, in, _ -> true).wanted();
  }

  /**
   * Writes a file. At any moment the file is the old one or the new one: see {@link AtomicFiles}.
   *
   * @param file to write or replace
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    AtomicFiles.write(file, this::write);
  }

  /**
   * Writes the content of a file.
   *
   * @param out where to; it is not closed
   * @throws IOException if it cannot be written
   */
  public void write(OutputStream out) throws IOException {
    SafetensorsWriter.write(this, out);
  }
}
