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
    if (type.equals(LstmComposer.NAME)) {
      return new LstmComposer(device, LstmComposer.Sizes.of(architecture), seed);
    }
    throw architecture.error(
        "type", "expected \"" + LstmComposer.NAME + "\", met \"" + type + "\"");
  }
}
