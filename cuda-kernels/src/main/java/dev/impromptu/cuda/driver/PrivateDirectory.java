package dev.impromptu.cuda.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A fresh directory of this process alone, for native libraries while they are loaded.
 *
 * <p>JCuda unpacks its native libraries into the temporary directory and loads any file of their
 * name that it finds there, another user's too. So it is shown a private one.
 */
final class PrivateDirectory implements AutoCloseable {
  private final Path path;

  private PrivateDirectory(Path path) {
    this.path = path;
  }

  static PrivateDirectory create() {
    try {
      Path path = Files.createTempDirectory("impromptu-jcuda-");
      // Also makes the JDK read the real temporary directory's name before it changes.
      Files.delete(Files.createTempFile(path, "", ""));
      return new PrivateDirectory(path);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "CUDA: no directory for native libraries in " + System.getProperty("java.io.tmpdir"), e);
    }
  }

  /**
   * Initialises a class of JCuda, which loads its native library on the way.
   *
   * @throws UnsatisfiedLinkError or ExceptionInInitializerError if that does not load
   */
  static synchronized void initialise(String jcudaClass) {
    String temporary = System.getProperty("java.io.tmpdir");
    try (PrivateDirectory own = create()) {
      System.setProperty("java.io.tmpdir", own.path.toString());
      Class.forName(jcudaClass);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    } finally {
      System.setProperty("java.io.tmpdir", temporary);
    }
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  /**
   * On Linux a loaded library needs its file no longer; on Windows it stays until the process ends.
   */
  @Override
  public void close() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(path);
    } catch (IOException stillInUse) {
      path.toFile().deleteOnExit();
    }
  }
}
