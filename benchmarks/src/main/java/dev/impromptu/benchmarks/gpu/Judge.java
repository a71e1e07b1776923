package dev.impromptu.benchmarks.gpu;

import dev.impromptu.tensor.Device;

/** Whose results are taken for right. */
final class Judge {
  /** The reference's plain loops do about half of these in a second. */
  private static final double MOST_OPERATIONS = 1e9;

  private Judge() {}

  /**
   * The reference, or where that would take too long the processor's device, which every build
   * compares with the reference.
   *
   * @param operations of floating point that the work needs
   */
  static Device of(double operations) {
    return operations <= MOST_OPERATIONS ? Device.reference() : Device.cpu();
  }
}
