package dev.impromptu.cuda;

import dev.impromptu.cuda.driver.CudaDriver;
import dev.impromptu.cuda.driver.DriverContext;

/**
 * How the recurrence of an LSTM layer runs: a function of batch, hidden size and chip alone.
 *
 * <p>The rule, first that holds:
 *
 * <ol>
 *   <li>{@link Way#CLUSTER} on chips from sm_90 with at least {@link #CLUSTER} multiprocessors (a
 *       share of a divided chip may have fewer, and a cluster then never starts), for a hidden size
 *       that is a multiple of 8 and at most {@link #MOST_CLUSTER_HIDDEN}, so that a block's
 *       registers hold an eighth of the recurrent weight, and up to {@link #MOST_CLUSTER_ROWS}
 *       sequences.
 *   <li>{@link Way#STEP} where reading the recurrent weight once for each eight sequences costs
 *       less than a second launch.
 *   <li>{@link Way#PRODUCT} for the rest.
 * </ol>
 *
 * <p>The ways round differently, so the bits follow the way. The order of sums follows nothing else
 * of the chip: how many sequences share a cluster depends on its number of multiprocessors, but
 * what one sequence computes does not depend on the others.
 *
 * @param way what is launched
 * @param rows sequences of one cluster; 0 without clusters
 */
record LstmPath(Way way, int rows) {
  /** The first chips that have clusters. */
  static final int CLUSTER_CAPABILITY = 90;

  /** The first driver that reads PTX 8.1, in which the cluster's kernels are written. */
  private static final int CLUSTER_DRIVER = 12010;

  /** Blocks of a cluster, as in {@code lstm_persistent.cu}. */
  static final int CLUSTER = 8;

  /** Threads of a block, there and in {@code lstm.cu}. */
  static final int THREADS = 256;

  /** More take so many rounds that large products, one a step, are as quick. */
  static final int MOST_CLUSTER_ROWS = 1024;

  /** 128 registers of each of 256 threads hold an eighth of 4 · 256² weights. */
  static final int MOST_CLUSTER_HIDDEN = 256;

  private static final int MOST_ROWS_OF_A_CLUSTER = 4;

  /** Rows that one block of a step's kernel computes at once. */
  static final int STEP_ROWS = 8;

  /**
   * Of hidden² for each eight sequences. Four gates of four bytes make that 16 MiB read in a step,
   * some 3 us from L2.
   */
  private static final long MOST_STEP_READS = 1 << 20;

  /** What is launched. */
  enum Way {
    /** One launch for all steps, the recurrent weight resident in clusters of blocks. */
    CLUSTER,
    /** One launch a step, which computes the recurrent product and the gates. */
    STEP,
    /** A product and a launch for the gates, each step. */
    PRODUCT
  }

  /**
   * What the rule asks of a chip.
   *
   * @param capability 90 for sm_90; less where the driver is too old for clusters
   * @param multiprocessors how many it has
   */
  record Chip(int capability, int multiprocessors) {
    static Chip of(DriverContext context) {
      int capability = context.computeCapability();
      return new Chip(
          CudaDriver.load().version() < CLUSTER_DRIVER
              ? Math.min(capability, CLUSTER_CAPABILITY - 1)
              : capability,
          context.multiprocessors());
    }

    /**
     * Clusters that run at once, of which one needs {@link #CLUSTER} multiprocessors, one block a
     * multiprocessor. A cluster lies within a group of multiprocessors, and groups are no multiples
     * of 8 large: an H200 with its 132 runs 15, and a sixteenth doubles the time.
     */
    private int clusters() {
      return Math.max(1, multiprocessors / CLUSTER - 1);
    }
  }

  /** The path of a layer. */
  static LstmPath of(int batch, int hidden, Chip chip) {
    if (batch <= MOST_CLUSTER_ROWS && clustersHold(hidden, chip)) {
      return new LstmPath(Way.CLUSTER, rows(batch, chip));
    }
    long reads = (long) Math.ceilDiv(batch, STEP_ROWS) * hidden * hidden;
    return new LstmPath(reads <= MOST_STEP_READS ? Way.STEP : Way.PRODUCT, 0);
  }

  /** Whether a cluster can hold the recurrent weight of that size. */
  static boolean clustersHold(int hidden, Chip chip) {
    return chip.capability >= CLUSTER_CAPABILITY
        && chip.multiprocessors >= CLUSTER
        && hidden % CLUSTER == 0
        && hidden <= MOST_CLUSTER_HIDDEN;
  }

  /** As few as spread the batch over all clusters that run at once, but not more than there are. */
  private static int rows(int batch, Chip chip) {
    int rows = 1;
    while (Math.ceilDiv(batch, rows) > chip.clusters() && 2 * rows <= MOST_ROWS_OF_A_CLUSTER) {
      rows *= 2;
    }
    return rows;
  }

  /** Shared memory of a block: two copies of the states, or of the gradients of all gates. */
  int sharedBytes(int hidden, boolean backward) {
    return Float.BYTES * 2 * rows * hidden * (backward ? 4 : 1);
  }

  /** The rule as it applies to a chip, in words. */
  static String rule(Chip chip) {
    String rest = "one launch a step, or a product and one where batch and hidden are large";
    if (chip.capability < CLUSTER_CAPABILITY) {
      return rest + " (clusters need sm_90 and a driver of CUDA 12.1)";
    }
    if (chip.multiprocessors < CLUSTER) {
      return rest + " (clusters need %d multiprocessors)".formatted(CLUSTER);
    }
    return "one launch in clusters of %d blocks for hidden sizes that are multiples of %d up to %d and batches up to %d; otherwise %s"
        .formatted(CLUSTER, CLUSTER, MOST_CLUSTER_HIDDEN, MOST_CLUSTER_ROWS, rest);
  }
}
