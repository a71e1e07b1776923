package dev.impromptu.examples.cli;

import jdk.incubator.vector.FloatVector;

/** Apart from other classes, because it cannot be loaded where the JVM has no Vector API. */
final class VectorSpecies {
  private VectorSpecies() {}

  static String describe() {
    var species = FloatVector.SPECIES_PREFERRED;
    return "%d bits, %d numbers at once".formatted(species.vectorBitSize(), species.length());
  }
}
