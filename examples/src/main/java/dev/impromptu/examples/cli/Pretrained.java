package dev.impromptu.examples.cli;

import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** The model that comes with the program: {@code schubert/README.md} beside it says whose music. */
final class Pretrained {
  /** As it is named where a folder would stand. */
  static final String NAME = "built in, Schubert";

  private static final List<String> FILES = List.of("model.json", "model.safetensors");

  private Pretrained() {}

  /** Opens it, from a folder that is there for as long as it takes. */
  static TrainedModel open(Device device) throws IOException {
    Path folder = Files.createTempDirectory("impromptu-model");
    try {
      for (String name : FILES) {
        try (InputStream file = Pretrained.class.getResourceAsStream("schubert/" + name)) {
          Files.copy(Objects.requireNonNull(file, name), folder.resolve(name));
        }
      }
      return TrainedModel.open(folder, device);
    } finally {
      for (String name : FILES) {
        Files.deleteIfExists(folder.resolve(name));
      }
      Files.deleteIfExists(folder);
    }
  }
}
