package dev.impromptu.benchmarks;

import dev.impromptu.backend.cpu.CpuBackend;
import dev.impromptu.tensor.Device;

/** The kernels that are to be timed are not those that a JVM begins with. */
public final class WarmKernels {
  private WarmKernels() {}

  /**
   * Waits until a device computes with its fastest kernels.
   *
   * @return false where those of the Vector API never come into use
   */
  public static boolean await(Device device) {
    return !(device.backend() instanceof CpuBackend cpu) || cpu.awaitVectorKernels();
  }
}
