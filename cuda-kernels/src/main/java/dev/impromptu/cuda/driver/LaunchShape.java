package dev.impromptu.cuda.driver;

/**
 * How many threads run a kernel.
 *
 * @param blocks the number of blocks along x
 * @param rows the number of blocks along y
 * @param threads the number of threads of each block
 * @param sharedBytes the dynamic shared memory of each block
 */
public record LaunchShape(int blocks, int rows, int threads, int sharedBytes) {
  /** The longest grid along y; kernels stride over the rest. */
  public static final int MOST_ROWS = 65_535;

  private static final int THREADS = 256;

  /** More blocks than any chip runs at once; kernels stride over the rest. */
  private static final int MOST_BLOCKS = 4096;

  /** Blocks in one row, without dynamic shared memory. */
  public static LaunchShape of(int blocks, int threads) {
    return new LaunchShape(blocks, 1, threads, 0);
  }

  /** One thread for each element, up to a number beyond which a kernel has to stride. */
  public static LaunchShape covering(int elements) {
    int blocks = Math.clamp(Math.ceilDiv((long) elements, THREADS), 1, MOST_BLOCKS);
    return of(blocks, THREADS);
  }

  @Override
  public String toString() {
    String grid = rows == 1 ? "" + blocks : blocks + " x " + rows;
    String shared = sharedBytes == 0 ? "" : " with " + sharedBytes + " bytes of shared memory";
    return grid + " blocks of " + threads + " threads" + shared;
  }
}
