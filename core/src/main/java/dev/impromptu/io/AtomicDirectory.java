package dev.impromptu.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Replaces a whole directory, such as a checkpoint, so that a reader finds all of the old content
 * or all of the new, and so does whoever comes after a crash.
 *
 * <p>No file system moves one directory over another in one step, so the old one steps aside, under
 * the name {@code .name.old}, for the moment between two moves. {@link #recover} and {@link #read}
 * put it back if a crash fell into that moment.
 *
 * <p>One process at a time may replace a directory; any number may read it meanwhile.
 */
public final class AtomicDirectory {
  /** A reader and a writer may step on each other's toes only in the moment of the swap. */
  private static final int ATTEMPTS = 20;

  private AtomicDirectory() {}

  /**
   * Writes or replaces a directory: into a new one beside it, forced to the disk, then swapped. If
   * the writer fails, the old content stands and nothing is left beside it.
   *
   * @param directory to write, in a directory that exists
   * @param writer fills the empty directory that it is handed
   * @throws IOException if the directory cannot be written, or what the writer throws
   */
  public static void replace(Path directory, IOConsumer<Path> writer) throws IOException {
    Path target = AtomicFiles.resolved(directory);
    recover(target);
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new FileSystemException(directory.toString(), null, "is a file, expected a directory");
    }
    deleteLeftovers(target);
    Path fresh = AtomicFiles.temporary(target);
    try {
      Files.createDirectory(fresh);
      writer.accept(fresh);
      forceAll(fresh);
      swap(fresh, target);
    } catch (Throwable e) {
      try {
        deleteTree(fresh);
      } catch (IOException undeleted) {
        e.addSuppressed(undeleted);
      }
      throw e;
    }
    AtomicFiles.forceDirectory(AtomicFiles.parent(target));
    deleteLeftovers(target);
  }

  /**
   * Puts the old content back if the directory is missing because a replacement was cut short;
   * otherwise, and where the directory around it is missing too, does nothing. {@link #replace} and
   * {@link #read} do this first by themselves.
   *
   * @param directory to recover
   * @throws IOException if it cannot be put back
   */
  public static void recover(Path directory) throws IOException {
    Path target;
    try {
      target = AtomicFiles.resolved(directory);
    } catch (NoSuchFileException e) {
      // Old content would stand in the directory around it.
      return;
    }
    Path aside = aside(target);
    if (Files.exists(target) || !Files.isDirectory(aside)) {
      return;
    }
    try {
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.exists(target)) {
        throw e;
      }
      // Another process recovered or replaced it first.
    }
  }

  /**
   * Reads several files of a directory as one: recovers it, and reads again if it was replaced
   * while the reader was at it, so that old and new files never mix.
   *
   * @param <T> what the reader makes
   * @param directory to read
   * @param reader is handed the directory, once or more
   * @return what the reader made of one state of the directory
   * @throws NoSuchFileException if there is no such directory
   * @throws IOException if it cannot be read, or what the reader throws
   */
  public static <T> T read(Path directory, IOFunction<Path, T> reader) throws IOException {
    Exception failure = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      recover(directory);
      String before = identity(directory);
      if (before.isEmpty()) {
        failure = new NoSuchFileException(directory.toString(), null, "there is no such directory");
        continue;
      }
      try {
        T result = reader.apply(directory);
        if (before.equals(identity(directory))) {
          return result;
        }
      } catch (IOException | RuntimeException e) {
        if (before.equals(identity(directory))) {
          throw e;
        }
        failure = e;
      }
    }
    if (failure instanceof NoSuchFileException missing && !Files.exists(directory)) {
      throw missing;
    }
    FileSystemException overtaken =
        new FileSystemException(
            directory.toString(), null, "was replaced " + ATTEMPTS + " times while it was read");
    overtaken.initCause(failure);
    throw overtaken;
  }

  /** Where the old content stands during a swap. */
  static Path aside(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".old");
  }

  private static void swap(Path fresh, Path target) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        if (Files.exists(target)) {
          Files.move(target, aside(target), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        return;
      } catch (IOException e) {
        recover(target);
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * Removes what an earlier replacement left. The old content loses its name first: half deleted it
   * must not be recovered.
   */
  private static void deleteLeftovers(Path target) throws IOException {
    Path aside = aside(target);
    if (Files.exists(target) && Files.exists(aside)) {
      Files.move(aside, AtomicFiles.temporary(target), StandardCopyOption.ATOMIC_MOVE);
    }
    String prefix = AtomicFiles.temporaryPrefix(target);
    List<Path> leftovers = new ArrayList<>();
    try (DirectoryStream<Path> siblings =
        Files.newDirectoryStream(
            AtomicFiles.parent(target), path -> path.getFileName().toString().startsWith(prefix))) {
      siblings.forEach(leftovers::add);
    }
    for (Path leftover : leftovers) {
      try {
        deleteTree(leftover);
      } catch (IOException e) {
        // Someone may hold a file of it open; it is in nobody's way, and the next time tries again.
      }
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    for (Path path : tree(root)) {
      Files.delete(path);
    }
  }

  private static void forceAll(Path root) throws IOException {
    for (Path path : tree(root)) {
      if (Files.isDirectory(path)) {
        AtomicFiles.forceDirectory(path);
      } else {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
  }

  /** Everything at and below the root, children before their parents. */
  private static List<Path> tree(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.sorted(Comparator.reverseOrder()).toList();
    }
  }

  /** Tells a directory from another that took its place; empty while there is none. */
  private static String identity(Path directory) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(directory, BasicFileAttributes.class);
      return attributes.fileKey() + " " + attributes.creationTime();
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
