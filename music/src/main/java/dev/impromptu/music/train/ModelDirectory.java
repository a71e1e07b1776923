package dev.impromptu.music.train;

import java.nio.file.Path;

/**
 * Where a training run leaves its files.
 *
 * @param root given by the user
 */
public record ModelDirectory(Path root) {
  /** The checkpoint of the highest validation accuracy. */
  public Path best() {
    return root.resolve("best");
  }

  /** The newest checkpoint. */
  public Path last() {
    return root.resolve("last");
  }

  /** A row for each epoch. */
  public Path metrics() {
    return root.resolve("metrics.csv");
  }

  /** The same as a picture. */
  public Path curves() {
    return root.resolve("curves.png");
  }
}
