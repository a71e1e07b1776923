package dev.impromptu.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes files so that at any moment, even after a power cut, a path holds its old content or its
 * new content whole. For several files that belong together see {@link AtomicDirectory}.
 */
public final class AtomicFiles {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MAX_LINKS = 40;

  /** Every temporary file that is there now. */
  private static final Set<Path> TEMPORARIES = ConcurrentHashMap.newKeySet();

  private AtomicFiles() {}

  /**
   * Writes or replaces one file: into a new file beside it, forced to the disk, then moved over it.
   * If anything fails, the old content stands and nothing is left beside it. A symbolic link stays
   * one; what it points to is replaced.
   *
   * @param file to write; its directory is made if need be
   * @param writer gives the content; the stream is buffered, and closing it is allowed
   * @throws IOException if the file cannot be written, or what the writer throws
   */
  public static void write(Path file, IOConsumer<OutputStream> writer) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path target = resolved(file);
    if (Files.isDirectory(target)) {
      throw new FileSystemException(file.toString(), null, "is a directory, expected a file");
    }
    Path temporary = temporary(target);
    TEMPORARIES.add(temporary);
    try {
      try (FileChannel channel = create(temporary, file)) {
        OutputStream out = new UnclosedStream(Channels.newOutputStream(channel));
        writer.accept(out);
        out.flush();
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (Throwable e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException undeleted) {
        e.addSuppressed(undeleted);
      }
      throw e;
    } finally {
      TEMPORARIES.remove(temporary);
    }
    forceDirectory(parent(target));
  }

  /**
   * Makes an empty file in the system's folder for such, to be deleted by {@link #deleteTemporary}.
   *
   * @param prefix begins its name
   * @param suffix ends its name
   * @throws IOException if it cannot be made
   */
  public static Path createTemporary(String prefix, String suffix) throws IOException {
    Path temporary = Files.createTempFile(prefix, suffix);
    TEMPORARIES.add(temporary);
    return temporary;
  }

  /**
   * Deletes a file that {@link #createTemporary} made.
   *
   * @throws IOException if it cannot be deleted
   */
  public static void deleteTemporary(Path temporary) throws IOException {
    TEMPORARIES.remove(temporary);
    Files.deleteIfExists(temporary);
  }

  /**
   * Deletes what {@link #write} has begun and {@link #createTemporary} made, in whatever thread,
   * for a program that is about to be ended in the midst of it. What is being written then fails.
   */
  public static void deleteTemporaries() {
    for (Path temporary : TEMPORARIES) {
      try {
        deleteTemporary(temporary);
      } catch (IOException e) {
        // Some systems delete no file that is open; there is nobody left to tell.
      }
    }
  }

  /**
   * Where that fails, the error names what was to be written and not what would have been moved.
   */
  private static FileChannel create(Path temporary, Path file) throws IOException {
    try {
      return FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (AccessDeniedException e) {
      throw named(new AccessDeniedException(file.toString(), null, e.getReason()), e);
    } catch (FileSystemException e) {
      String reason = e.getReason() == null ? "no file can be made there" : e.getReason();
      throw named(new FileSystemException(file.toString(), null, reason), e);
    }
  }

  private static FileSystemException named(FileSystemException error, FileSystemException cause) {
    error.initCause(cause);
    return error;
  }

  /** The file or directory itself, with its parent: what a link leads to, not the link. */
  static Path resolved(Path path) throws IOException {
    Path target = path.toAbsolutePath();
    for (int links = 0; links < MAX_LINKS; links++) {
      Path parent = target.getParent();
      if (parent == null) {
        throw new FileSystemException(path.toString(), null, "is the root and cannot be replaced");
      }
      if (!Files.isDirectory(parent)) {
        throw new NoSuchFileException(parent.toString(), null, "there is no such directory");
      }
      String name = target.getFileName().toString();
      if (name.equals(".") || name.equals("..")) {
        return target.toRealPath();
      }
      target = parent.toRealPath().resolve(name);
      if (!Files.isSymbolicLink(target)) {
        return target;
      }
      target = target.resolveSibling(Files.readSymbolicLink(target));
    }
    throw new FileSystemLoopException(path.toString());
  }

  /** A name beside the target that nothing has. */
  static Path temporary(Path target) {
    return target.resolveSibling(temporaryPrefix(target) + UUID.randomUUID());
  }

  static String temporaryPrefix(Path target) {
    return "." + target.getFileName() + ".tmp-";
  }

  static Path parent(Path target) {
    return Objects.requireNonNull(target.getParent());
  }

  /** A move is durable once the directory is; only POSIX systems let one open a directory. */
  static void forceDirectory(Path directory) throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** A writer wrapped around the stream may be closed; the channel must still be forced. */
  private static final class UnclosedStream extends BufferedOutputStream {
    UnclosedStream(OutputStream out) {
      super(out, BUFFER_BYTES);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
