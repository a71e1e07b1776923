package dev.impromptu.cuda;

import dev.impromptu.cuda.driver.DriverContext;

/**
 * How the recurrence of an LSTM layer runs: a function of batch, hidden size and chip alone.
 *
 * <p>The rule, first that holds:
 *
 * <ol>
 *   <li>{@link Way#CLUSTER} on chips from sm_90, for a hidden size that is a multiple of 8, where a
 *       block's eighth of the recurrent weight, with the states and sums of one sequence, fits into
 *       its shared memory (up to 328 with 227 KiB), and up to {@link #MOST_CLUSTER_ROWS} sequences.
 *   <li>{@link Way#STEP} where reading the recurrent weight once for each eight sequences costs
 *       less than a second launch.
 *   <li>{@link Way#PRODUCT} for the rest.
 * </ol>
 *
 * <p>The ways round differently, so the bits follow the way. Nothing else about the chip changes
 * them: how many sequences share a cluster depends on its number of multiprocessors, but what one
 * sequence computes does not depend on the others.
 *
 * @param way what is launched
 * @param forwardRows sequences of one cluster in the forward; 0 without clusters
 * @param backwardRows the same of the backward, whose states are larger
 */
record LstmPath(Way way, int forwardRows, int backwardRows) {
  /** The first chips that have clusters. */
  static final int CLUSTER_CAPABILITY = 90;

  /** Blocks of a cluster, as in {@code lstm_persistent.cu}. */
  static final int CLUSTER = 8;

  /** Threads of a block, there and in {@code lstm.cu}. */
  static final int THREADS = 256;

  /** More take so many rounds that large products, one a step, are as quick. */
  static final int MOST_CLUSTER_ROWS = 1024;

  private static final int MOST_ROWS_OF_A_CLUSTER = 8;

  /** Rows that one block of a step's kernel computes at once. */
  static final int STEP_ROWS = 8;

  /** Of 4 hidden² weights, a quarter of those read in a step: 16 MiB, some 3 us from L2. */
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
   * @param capability 90 for sm_90
   * @param sharedBytes the most shared memory of a block
   * @param multiprocessors how many it has
   */
  record Chip(int capability, int sharedBytes, int multiprocessors) {
    static Chip of(DriverContext context) {
      return new Chip(
          context.computeCapability(), context.sharedBytesPerBlock(), context.multiprocessors());
    }

    /** Clusters that run at once, one block a multiprocessor. */
    private int clusters() {
      return Math.max(1, multiprocessors / CLUSTER);
    }
  }

  /** The path of a layer. */
  static LstmPath of(int batch, int hidden, Chip chip) {
    if (batch <= MOST_CLUSTER_ROWS && clustersHold(hidden, chip)) {
      return new LstmPath(
          Way.CLUSTER, rows(batch, hidden, chip, false), rows(batch, hidden, chip, true));
    }
    long reads = (long) Math.ceilDiv(batch, STEP_ROWS) * hidden * hidden;
    return new LstmPath(reads <= MOST_STEP_READS ? Way.STEP : Way.PRODUCT, 0, 0);
  }

  /** Whether a cluster can hold the recurrent weight of that size. */
  static boolean clustersHold(int hidden, Chip chip) {
    return chip.capability >= CLUSTER_CAPABILITY
        && hidden % CLUSTER == 0
        && fits(hidden, 1, chip, false)
        && fits(hidden, 1, chip, true);
  }

  /** As few as spread the batch over all clusters that run at once; as many as fit otherwise. */
  private static int rows(int batch, int hidden, Chip chip, boolean backward) {
    int rows = 1;
    while (Math.ceilDiv(batch, rows) > chip.clusters()
        && 2 * rows <= MOST_ROWS_OF_A_CLUSTER
        && fits(hidden, 2 * rows, chip, backward)) {
      rows *= 2;
    }
    return rows;
  }

  private static boolean fits(int hidden, int rows, Chip chip, boolean backward) {
    // The slice alone first: the layout behind it is defined for sizes near what fits.
    return 2L * hidden * hidden <= chip.sharedBytes
        && rows * (hidden / CLUSTER) <= THREADS
        && sharedBytes(hidden, rows, backward) <= chip.sharedBytes;
  }

  /** Shared memory of a block: the slice of the weight, two copies of the states, the sums. */
  private static int sharedBytes(int hidden, int rows, boolean backward) {
    int units = hidden / CLUSTER;
    int slice = 4 * units * hidden;
    int states = 2 * rows * hidden;
    int sums = Math.min(THREADS / units, hidden / 4) * rows * 4 * units;
    if (backward) {
      states *= 4;
      sums = Math.min(THREADS / Math.ceilDiv(units, 4), hidden) * rows * units;
    }
    return Float.BYTES * (slice + states + sums);
  }

  /** Shared memory of a block of the forward, or of the backward. */
  int sharedBytes(int hidden, boolean backward) {
    return sharedBytes(hidden, backward ? backwardRows : forwardRows, backward);
  }

  /** The rule as it applies to a chip, in words. */
  static String rule(Chip chip) {
    int most = 0;
    while (clustersHold(most + CLUSTER, chip)) {
      most += CLUSTER;
    }
    String rest = "one launch a step, or a product and one where batch and hidden are large";
    if (most == 0) {
      return rest + " (clusters need sm_90)";
    }
    return "one launch in clusters of %d blocks for hidden sizes that are multiples of %d up to %d and batches up to %d; otherwise %s"
        .formatted(CLUSTER, CLUSTER, most, MOST_CLUSTER_ROWS, rest);
  }
}
