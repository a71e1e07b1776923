package dev.impromptu.examples.cli;

import dev.impromptu.io.AtomicDirectory;
import dev.impromptu.music.train.ModelDirectory;
import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opening what was trained. */
final class Models {
  private static final String DESCRIPTION = "model.json";

  private Models() {}

  /** Whether a folder is one checkpoint, not the folder of a model. */
  static boolean isCheckpoint(Path directory) {
    return Files.isRegularFile(directory.resolve(DESCRIPTION));
  }

  /**
   * Opens a checkpoint of a model directory, or the directory itself if it is a checkpoint.
   *
   * @param best the one of the highest validation accuracy, else the newest
   */
  static TrainedModel open(Path directory, boolean best, Device device) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new InputException(
          directory
              + (Files.exists(directory) ? " is a file" : " is not there")
              + ", expected the folder of a model; name one that 'impromptu train --out' wrote");
    }
    if (isCheckpoint(directory)) {
      return TrainedModel.open(directory, device);
    }
    var model = new ModelDirectory(directory);
    Path wanted = best ? model.best() : model.last();
    AtomicDirectory.recover(wanted);
    if (!Files.exists(wanted) && best && Files.exists(model.last())) {
      throw new InputException(
          ("%s has no best checkpoint, because its training stopped before the first epoch"
                  + " ended; go on with 'impromptu train --resume' or name %s")
              .formatted(directory, model.last()));
    }
    if (!Files.exists(wanted)) {
      throw new InputException(
          "%s holds no model, expected %s in it; name a folder that 'impromptu train --out' wrote"
              .formatted(directory, wanted.getFileName().resolve(DESCRIPTION)));
    }
    return TrainedModel.open(wanted, device);
  }
}
