package dev.impromptu.io;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Collectors;

/**
 * One array in NumPy's own format, {@code .npy} (numpy.org/doc/stable/reference/generated/
 * numpy.lib.format.html), of versions 1.0, 2.0 and 3.0. Little-endian f4, f8, i4 and i8 in C order
 * are read and written, f2 is read as the 32-bit numbers it stands for; every other kind is refused
 * with what NumPy can do about it.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** The bytes before the header where its length has two, and where it has four. */
  private static final int SHORT_PREFIX = 10;

  private static final int LONG_PREFIX = 12;

  /** NumPy puts the values at a multiple of this. */
  private static final int ALIGNMENT = 64;

  private Npy() {}

  /**
   * Reads a file. Nothing is allocated for values that it does not hold.
   *
   * @param file to read
   * @return its array
   * @throws NpyException if it is malformed or of a kind that is not read
   * @throws IOException if it cannot be read
   */
  public static HostArray read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long fileBytes = channel.size();
      if (fileBytes < SHORT_PREFIX) {
        throw new NpyException(file + ": is " + fileBytes + " bytes long, too short for .npy");
      }
      int prefixBytes = requireVersion(file, bytes(file, channel, MAGIC.length + 2));
      if (fileBytes < prefixBytes) {
        throw new NpyException(file + ": is " + fileBytes + " bytes long, too short for .npy");
      }
      ByteBuffer lengthBytes = bytes(file, channel, prefixBytes - MAGIC.length - 2);
      long headerBytes =
          prefixBytes == SHORT_PREFIX
              ? Short.toUnsignedLong(lengthBytes.getShort())
              : Integer.toUnsignedLong(lengthBytes.getInt());
      long left = fileBytes - prefixBytes;
      if (headerBytes > Math.min(left, NpyHeader.MAX_BYTES)) {
        throw new NpyException(
            "%s: the header claims %d bytes, but the file has %d after its length, and at most %d are read"
                .formatted(file, headerBytes, left, NpyHeader.MAX_BYTES));
      }
      byte[] text = bytes(file, channel, (int) headerBytes).array();
      var header =
          NpyHeader.parse(
              file.toString(), new String(text, StandardCharsets.UTF_8), left - headerBytes);
      return ArrayBytes.read(
          header.type(), header.shape(), header.size(), chunk -> fill(file, channel, chunk));
    }
  }

  /**
   * Reads a file as a tensor: indices where it holds integers.
   *
   * @param file to read
   * @param device of the tensor
   * @throws NpyException if it is malformed or of a kind that is not read
   * @throws IllegalArgumentException if it holds an integer that does not fit 32 bits
   * @throws IOException if it cannot be read
   */
  public static Tensor read(Path file, Device device) throws IOException {
    return read(file).on(device);
  }

  /**
   * Writes a file, of version 1.0, which every NumPy reads. At any moment it is the old one or the
   * new one: see {@link AtomicFiles}.
   *
   * @param file to write or replace
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, HostArray array) throws IOException {
    byte[] header = header(array).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer prefix = ArrayBytes.littleEndian(SHORT_PREFIX);
    prefix.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length);
    AtomicFiles.write(
        file,
        out -> {
          out.write(prefix.array());
          out.write(header);
          ArrayBytes.write(array, out);
        });
  }

  /**
   * Writes a tensor: f4, or i4 where it holds indices.
   *
   * @param file to write or replace
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Tensor tensor) throws IOException {
    write(file, HostArray.of(tensor));
  }

  private static String header(HostArray array) {
    String shape =
        array.shape().stream().map(String::valueOf).collect(Collectors.joining(", "))
            + (array.shape().size() == 1 ? "," : "");
    String dictionary =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(NpyHeader.code(ElementType.of(array)), shape);
    int end = SHORT_PREFIX + dictionary.length() + 1;
    int padding = -end & (ALIGNMENT - 1);
    int bytes = end - SHORT_PREFIX + padding;
    if (bytes > 0xFFFF) {
      throw new IllegalArgumentException(
          "Npy: a shape of %d dimensions needs a header of %d bytes, more than the 65535 of version 1.0"
              .formatted(array.shape().size(), bytes));
    }
    return dictionary + " ".repeat(padding) + "\n";
  }

  private static int requireVersion(Path file, ByteBuffer bytes) throws NpyException {
    for (byte expected : MAGIC) {
      if (bytes.get() != expected) {
        throw new NpyException(file + ": does not begin as a .npy file does");
      }
    }
    int major = Byte.toUnsignedInt(bytes.get());
    int minor = Byte.toUnsignedInt(bytes.get());
    if (minor != 0 || major < 1 || major > 3) {
      throw new NpyException(
          "%s: is of version %d.%d, expected 1.0, 2.0 or 3.0; save it anew with numpy.save"
              .formatted(file, major, minor));
    }
    return major == 1 ? SHORT_PREFIX : LONG_PREFIX;
  }

  private static ByteBuffer bytes(Path file, FileChannel channel, int count) throws IOException {
    ByteBuffer bytes = ArrayBytes.littleEndian(count);
    fill(file, channel, bytes);
    return bytes;
  }

  private static void fill(Path file, FileChannel channel, ByteBuffer buffer) throws IOException {
    ArrayBytes.fill(channel, buffer, what -> new NpyException(file + ": " + what));
  }
}
