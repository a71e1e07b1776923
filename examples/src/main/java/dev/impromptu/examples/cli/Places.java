package dev.impromptu.examples.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Where files go. */
final class Places {
  private Places() {}

  /**
   * Refuses a place where no file can be made, which permissions alone do not tell. Leaves nothing
   * behind.
   */
  static void checkWritable(Path file) throws IOException {
    Path folder = (Files.exists(file) ? file.toRealPath() : file.toAbsolutePath()).getParent();
    Deque<Path> made = new ArrayDeque<>();
    for (Path missing = folder;
        missing != null && Files.notExists(missing);
        missing = missing.getParent()) {
      made.addLast(missing);
    }
    try {
      if (folder != null) {
        Files.createDirectories(folder);
        Files.delete(Files.createTempFile(folder, ".impromptu", ".tmp"));
      }
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be written, since no file can be made in the folder %s; name a place where one can, or change its permissions"
              .formatted(file, folder));
    } finally {
      for (Path folderMade : made) {
        Files.deleteIfExists(folderMade);
      }
    }
  }
}
