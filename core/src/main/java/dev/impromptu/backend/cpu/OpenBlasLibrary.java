package dev.impromptu.backend.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Finds OpenBLAS: the path in the property {@code impromptu.openblas} ({@code none} switches it
 * off), else the class-path artifact {@code org.bytedeco:openblas}, else the system's library.
 */
final class OpenBlasLibrary {
  private static final System.Logger LOG = System.getLogger(OpenBlasLibrary.class.getName());

  /** One library of each name in a process, however many backends are opened. */
  private static final Map<String, Optional<OpenBlas>> FOUND = new HashMap<>();

  private OpenBlasLibrary() {}

  /**
   * The library, loaded and set to one thread.
   *
   * @param wanted a path, {@code none}, or empty to search
   * @throws IllegalArgumentException when the path given is no OpenBLAS
   */
  static synchronized Optional<OpenBlas> find(String wanted) {
    return FOUND.computeIfAbsent(wanted, OpenBlasLibrary::load);
  }

  private static Optional<OpenBlas> load(String wanted) {
    if (wanted.equals("none")) {
      return Optional.empty();
    }
    if (!wanted.isEmpty()) {
      try {
        return Optional.of(bind(Path.of(wanted)));
      } catch (RuntimeException | LinkageError e) {
        throw new IllegalArgumentException(
            "impromptu.openblas: " + wanted + " cannot be loaded as OpenBLAS", e);
      }
    }
    var reasons = new ArrayList<String>();
    var found = fromClassPath(reasons).or(() -> fromSystem(reasons));
    if (found.isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO,
          "OpenBLAS was not found ("
              + String.join("; ", reasons)
              + "): large matrix products run in Java, about half as fast; add"
              + " org.bytedeco:openblas to the class path or set -Dimpromptu.openblas=<path>");
    }
    return found;
  }

  private static Optional<OpenBlas> fromClassPath(List<String> reasons) {
    var platform = Platform.current();
    if (platform.isEmpty()) {
      reasons.add("no bundled library for " + System.getProperty("os.name"));
      return Optional.empty();
    }
    var folder = "org/bytedeco/openblas/" + platform.get().name + "/";
    var main = resource(folder + platform.get().library);
    if (main.isEmpty()) {
      reasons.add("no " + folder + " on the class path");
      return Optional.empty();
    }
    try {
      var cache = cacheFor(main.get());
      for (var companion : platform.get().companions) {
        var url = resource(folder + companion);
        if (url.isPresent()) {
          open(extract(url.get(), cache.resolve(companion)));
        }
      }
      return Optional.of(bind(extract(main.get(), cache.resolve(platform.get().library))));
    } catch (IOException | RuntimeException | LinkageError e) {
      reasons.add(main.get() + ": " + e);
      return Optional.empty();
    }
  }

  private static Optional<OpenBlas> fromSystem(List<String> reasons) {
    var name =
        switch (Platform.system()) {
          case "macosx" -> "libopenblas.0.dylib";
          case "windows" -> "libopenblas.dll";
          default -> "libopenblas.so.0";
        };
    try {
      return Optional.of(bind(name));
    } catch (RuntimeException | LinkageError e) {
      reasons.add("no " + name + " in the system");
      return Optional.empty();
    }
  }

  @SuppressWarnings("restricted")
  private static OpenBlas bind(String name) {
    return new OpenBlas(SymbolLookup.libraryLookup(name, Arena.global()), name);
  }

  private static OpenBlas bind(Path path) {
    return new OpenBlas(open(path), path.toString());
  }

  /** The library stays open for ever, so later ones find it by its name. */
  @SuppressWarnings("restricted")
  private static SymbolLookup open(Path path) {
    return SymbolLookup.libraryLookup(path, Arena.global());
  }

  /**
   * A folder whose name has a hyphen is no package, so modules do not hide it; which class loader
   * sees the artifact depends on how the program was started.
   */
  private static Optional<URL> resource(String name) {
    var own = OpenBlasLibrary.class.getClassLoader();
    var context = Thread.currentThread().getContextClassLoader();
    for (var loader : new ClassLoader[] {context, own}) {
      var url = loader == null ? null : loader.getResource(name);
      if (url != null) {
        return Optional.of(url);
      }
    }
    return Optional.ofNullable(ClassLoader.getSystemResource(name));
  }

  /** Another version of the artifact has another address or size, and so another folder. */
  private static Path cacheFor(URL library) throws IOException {
    var jar = library.toString().replaceFirst("!.*", "").replaceFirst(".*/", "");
    var name = jar.replaceFirst("\\.jar$", "") + "-" + size(library);
    var home = Path.of(System.getProperty("user.home"), ".cache");
    try {
      return Files.createDirectories(home.resolve("impromptu").resolve(name));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "cannot cache in " + home, e);
      // A folder of a known name could have been filled by somebody else.
      return Files.createTempDirectory("impromptu");
    }
  }

  private static long size(URL url) throws IOException {
    var connection = url.openConnection();
    try (var in = connection.getInputStream()) {
      long size = connection.getContentLengthLong();
      return size >= 0 ? size : in.transferTo(java.io.OutputStream.nullOutputStream());
    }
  }

  private static Path extract(URL source, Path target) throws IOException {
    if (Files.exists(target) && Files.size(target) == size(source)) {
      return target;
    }
    // Another process may extract at the same time: each writes its own file and moves it whole.
    var part = Files.createTempFile(target.getParent(), "part", ".tmp");
    try (var in = source.openStream()) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | UncheckedIOException e) {
      Files.deleteIfExists(part);
      throw e;
    }
    return target;
  }

  /** Names in the artifact; the companions in the order they need each other. */
  private record Platform(String name, String library, List<String> companions) {
    static Optional<Platform> current() {
      var arch =
          switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm64";
            default -> "unknown";
          };
      var name = system() + "-" + arch;
      return Optional.ofNullable(
          switch (name) {
            case "linux-x86_64", "linux-arm64" ->
                new Platform(
                    name,
                    "libopenblas.so.0",
                    List.of(
                        "libgcc_s.so.1",
                        "libquadmath.so.0",
                        "libgfortran.so.5",
                        "libgfortran.so.4"));
            case "macosx-x86_64", "macosx-arm64" ->
                new Platform(
                    name,
                    "libopenblas.0.dylib",
                    List.of("libgcc_s.1.1.dylib", "libquadmath.0.dylib", "libgfortran.5.dylib"));
            case "windows-x86_64" ->
                new Platform(
                    name,
                    "libopenblas.dll",
                    List.of("libgcc_s_seh-1.dll", "libquadmath-0.dll", "libgfortran-5.dll"));
            default -> null;
          });
    }

    static String system() {
      var os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
      return os.startsWith("mac") ? "macosx" : os.startsWith("windows") ? "windows" : "linux";
    }
  }
}
