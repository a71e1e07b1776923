package dev.impromptu.benchmarks.gpu;

import dev.impromptu.cuda.driver.CudaException;

/** Says what there is to run on. Exit status 1, and one sentence, where that is nothing. */
public final class Describe {
  private Describe() {}

  /** Prints chip, driver and libraries. */
  public static void main(String[] words) {
    try (var chip = new CudaChip()) {
      chip.description().forEach(System.out::println);
    } catch (CudaException e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
  }
}
