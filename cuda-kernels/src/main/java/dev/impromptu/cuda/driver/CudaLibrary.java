package dev.impromptu.cuda.driver;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A library of CUDA beside the driver, found and loaded once in a process.
 *
 * <p>JCuda's native code asks for the release in {@link #wanted}. Where only {@link #newer} is
 * there, a forwarding library that comes with this module takes the wanted one's name and passes
 * every call on. Looked for, in this order, the wanted release before the newer one in each:
 *
 * <ol>
 *   <li>the directories of {@code -Dimpromptu.cuda.libraries}, separated as in a class path. What
 *       the library needs of its own kind is taken from there too, so the directories of a Python
 *       installation ({@code nvidia/cublas/lib}, {@code nvidia/cudnn/lib}) can be named;
 *   <li>what the loader finds: {@code LD_LIBRARY_PATH}, then its cache ({@code ld.so.conf});
 *   <li>{@code /usr/local/cuda/lib64}, where NVIDIA's installer puts them.
 * </ol>
 *
 * <p>Elsewhere than on Linux, JCuda looks for the wanted release by itself.
 */
enum CudaLibrary {
  CUBLAS(
      "cuBLAS",
      "jcuda.jcublas.JCublas2",
      new Release("libcublas.so.12", List.of("libcublasLt.so.12")),
      new Release("libcublas.so.13", List.of("libcublasLt.so.13"))),
  CUDNN(
      "cuDNN",
      "jcuda.jcudnn.JCudnn",
      new Release(
          "libcudnn.so.8",
          List.of(
              "libcublasLt.so.12",
              "libcublas.so.12",
              "libcudnn_ops_infer.so.8",
              "libcudnn_ops_train.so.8",
              "libcudnn_cnn_infer.so.8",
              "libcudnn_cnn_train.so.8",
              "libcudnn_adv_infer.so.8",
              "libcudnn_adv_train.so.8")),
      new Release(
          "libcudnn.so.9",
          List.of(
              "libcublasLt.so.13",
              "libcublas.so.13",
              "libcublasLt.so.12",
              "libcublas.so.12",
              "libnvrtc.so.13",
              "libnvrtc.so.12",
              "libcudnn_graph.so.9",
              "libcudnn_ops.so.9",
              "libcudnn_cnn.so.9",
              "libcudnn_adv.so.9")));

  /** Directories to look in first, separated as in a class path. */
  static final String DIRECTORIES = "impromptu.cuda.libraries";

  private static final List<Path> INSTALLED = List.of(Path.of("/usr/local/cuda/lib64"));
  private static final String FORWARDING = "/dev/impromptu/cuda/linux-x86_64/";

  /**
   * One release of the library.
   *
   * @param name its file, which is also what other libraries ask for
   * @param companions what it may need from the same directories, in the order to load them
   */
  private record Release(String name, List<String> companions) {}

  /**
   * The library that was found.
   *
   * @param name {@code libcublas.so.13}
   * @param file where it lies, or its name where the system does not say
   * @param forwarded whether calls reach it through the forwarding library
   */
  record Found(String name, String file, boolean forwarded) {
    @Override
    public String toString() {
      return forwarded ? file + " (through the forwarding library)" : file;
    }
  }

  private final String title;
  private final String jcudaClass;
  private final Release wanted;
  private final Release newer;
  private @Nullable Found found;
  private @Nullable CudaException failure;

  CudaLibrary(String title, String jcudaClass, Release wanted, Release newer) {
    this.title = title;
    this.jcudaClass = jcudaClass;
    this.wanted = wanted;
    this.newer = newer;
  }

  /**
   * Loads the library and JCuda's native code for it.
   *
   * @throws CudaException if there is none, or it does not load; the message says what was looked
   *     for and how to mend it
   */
  synchronized Found load() {
    if (found != null) {
      return found;
    }
    if (failure != null) {
      // A class whose loading failed once says nothing useful the second time.
      throw CudaException.noDriver(String.valueOf(failure.getMessage()), failure);
    }
    try {
      // The libraries and JCuda's native code for them both stand on the driver.
      CudaDriver.load();
      found = linux() ? find() : new Found(wanted.name, wanted.name, false);
      initialise();
      return found;
    } catch (CudaException e) {
      failure = e;
      found = null;
      throw e;
    }
  }

  /** The message of what {@link #load()} throws; empty if the library is there. */
  Optional<String> whyMissing() {
    try {
      load();
      return Optional.empty();
    } catch (CudaException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void initialise() {
    try {
      PrivateDirectory.initialise(jcudaClass);
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
      String words = String.valueOf(e.getMessage());
      String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
      throw CudaException.noDriver(
          "CUDA: JCuda's native library for "
              + title
              + (words.contains("No resource found")
                  ? " on " + system + " is not on the class path"
                  : " does not load on " + system + " with " + found),
          e);
    }
  }

  private Found find() {
    List<Path> named = named();
    List<String> broken = new ArrayList<>();
    return in(named, broken)
        .or(() -> byLoader(broken))
        .or(() -> in(INSTALLED, broken))
        .orElseThrow(() -> CudaException.noDriver(missing(named, broken), null));
  }

  private Optional<Found> in(List<Path> directories, List<String> broken) {
    for (Release release : List.of(wanted, newer)) {
      for (Path directory : directories) {
        Path file = directory.resolve(release.name);
        if (!Files.exists(file)) {
          continue;
        }
        openCompanions(release, directories);
        Optional<String> reason = DynamicLoader.open(file.toString());
        if (reason.isEmpty()) {
          return Optional.of(settled(release));
        }
        broken.add(reason.get());
      }
    }
    return Optional.empty();
  }

  /** Failures do not matter: where one is needed after all, the library itself says so. */
  private static void openCompanions(Release release, List<Path> directories) {
    for (String companion : release.companions) {
      for (Path directory : directories) {
        Path file = directory.resolve(companion);
        if (Files.exists(file) && DynamicLoader.open(file.toString()).isEmpty()) {
          break;
        }
      }
    }
  }

  private Optional<Found> byLoader(List<String> broken) {
    for (Release release : List.of(wanted, newer)) {
      Optional<String> reason = DynamicLoader.open(release.name);
      if (reason.isEmpty()) {
        return Optional.of(settled(release));
      }
      // Not there at all, or there without something that it needs?
      if (!reason.get().startsWith(release.name + ": cannot open shared object file: No such")) {
        broken.add(reason.get());
      }
    }
    return Optional.empty();
  }

  private Found settled(Release release) {
    boolean forwarded = release == newer;
    if (forwarded) {
      openForwarding();
    }
    String file = DynamicLoader.fileOf(release.name).map(Path::toString).orElse(release.name);
    return new Found(release.name, file, forwarded);
  }

  private void openForwarding() {
    try (InputStream in = CudaLibrary.class.getResourceAsStream(FORWARDING + wanted.name)) {
      if (in == null) {
        throw CudaException.noDriver(
            "CUDA: "
                + newer.name
                + " needs Impromptu's forwarding library, which is not in this jar: "
                + FORWARDING
                + wanted.name,
            null);
      }
      try (PrivateDirectory own = PrivateDirectory.create()) {
        Path copy = own.resolve(wanted.name);
        Files.copy(in, copy);
        Optional<String> reason = DynamicLoader.open(copy.toString());
        if (reason.isPresent()) {
          throw CudaException.noDriver(
              "CUDA: the forwarding library for " + newer.name + " does not load: " + reason.get(),
              null);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("CUDA: unpacking the forwarding library", e);
    }
  }

  private String missing(List<Path> named, List<String> broken) {
    String looked =
        "CUDA: "
            + title
            + " was not found: looked for "
            + wanted.name
            + " and "
            + newer.name
            + (named.isEmpty() ? "" : " in " + named + ",")
            + " on the loader's path (LD_LIBRARY_PATH, ld.so.conf) and in "
            + INSTALLED.getFirst();
    String mend =
        "; install "
            + title
            + ", or name its directory in -D"
            + DIRECTORIES
            + "="
            + title.toLowerCase(Locale.ROOT)
            + "/lib";
    return broken.isEmpty()
        ? looked + mend
        : looked + "; found but not loaded: " + String.join("; ", broken);
  }

  private static List<Path> named() {
    return Arrays.stream(System.getProperty(DIRECTORIES, "").split(File.pathSeparator))
        .filter(name -> !name.isBlank())
        .map(Path::of)
        .toList();
  }

  private static boolean linux() {
    return System.getProperty("os.name").equals("Linux");
  }
}
