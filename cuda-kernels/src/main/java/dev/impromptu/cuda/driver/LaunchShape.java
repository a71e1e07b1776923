package dev.impromptu.cuda.driver;

/**
 * How many threads run a kernel.
 *
 * @param blocks the number of blocks
 * @param threads the number of threads of each block
 * @param sharedBytes the shared memory that each block gets beside what the kernel declares
 */
public record LaunchShape(int blocks, int threads, int sharedBytes) {
  private static final int THREADS = 256;

  /** More blocks than any chip runs at once; kernels stride over the rest. */
  private static final int MOST_BLOCKS = 4096;

  /** One thread for each element, up to a number beyond which a kernel has to stride. */
  public static LaunchShape covering(int elements) {
    int blocks = Math.clamp(Math.ceilDiv((long) elements, THREADS), 1, MOST_BLOCKS);
    return new LaunchShape(blocks, THREADS, 0);
  }

  @Override
  public String toString() {
    return blocks + " blocks of " + threads + " threads";
  }
}
