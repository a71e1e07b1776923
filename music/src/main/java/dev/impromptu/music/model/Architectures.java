package dev.impromptu.music.model;

import dev.impromptu.io.JsonObject;
import dev.impromptu.tensor.Device;

/** Builds a network from what {@link SequenceModel#architecture} wrote. */
public final class Architectures {
  private Architectures() {}

  /**
   * Builds it.
   *
   * @param seed of its first values
   * @throws dev.impromptu.io.JsonException when the description is incomplete or of an unknown type
   */
  public static SequenceModel build(Device device, JsonObject architecture, long seed) {
    String type = architecture.string("type");
    return switch (type) {
      case LstmComposer.NAME -> new LstmComposer(device, LstmComposer.Sizes.of(architecture), seed);
      case WaveNetComposer.NAME ->
          new WaveNetComposer(device, WaveNetComposer.Sizes.of(architecture), seed);
      default ->
          throw architecture.error(
              "type",
              "expected \"%s\" or \"%s\", met \"%s\""
                  .formatted(LstmComposer.NAME, WaveNetComposer.NAME, type));
    };
  }
}
