package dev.impromptu.cuda.driver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The dynamic loader of Linux. Java's own ways to load a library either want a full path or do not
 * say why they failed.
 */
final class DynamicLoader {
  private static final int RTLD_LAZY = 1;

  // Linked before the first call: linking looks symbols up, which clears the reason of a failure.
  private static final MethodHandle OPEN =
      function(
          "dlopen",
          FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  private static final MethodHandle REASON =
      function("dlerror", FunctionDescriptor.of(ValueLayout.ADDRESS));

  private DynamicLoader() {}

  /**
   * Loads a library for as long as the process lives; another library that needs one of its name
   * then finds it.
   *
   * @param file a path, or a bare name for the loader to look up in {@code LD_LIBRARY_PATH} and its
   *     cache
   * @return why it did not load, in the loader's words; empty if it did
   */
  @SuppressWarnings("restricted")
  static Optional<String> open(String file) {
    try (Arena arena = Arena.ofConfined()) {
      var handle = (MemorySegment) OPEN.invokeExact(arena.allocateFrom(file), RTLD_LAZY);
      if (!handle.equals(MemorySegment.NULL)) {
        return Optional.empty();
      }
      var reason = (MemorySegment) REASON.invokeExact();
      return Optional.of(
          reason.equals(MemorySegment.NULL)
              ? file + " does not load"
              : reason.reinterpret(Long.MAX_VALUE).getString(0));
    } catch (Throwable e) {
      throw new AssertionError("dlopen", e);
    }
  }

  /** The file that a loaded library came from. */
  static Optional<Path> fileOf(String name) {
    try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
      return mappings
          .filter(line -> line.contains("/"))
          .map(line -> Path.of(line.substring(line.indexOf('/'))))
          // libcublas.so.12 is a link to libcublas.so.12.6.4.1, and the mapping names that.
          .filter(
              file -> file.getFileName() != null && file.getFileName().toString().startsWith(name))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }
}
