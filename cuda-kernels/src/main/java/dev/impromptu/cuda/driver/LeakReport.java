package dev.impromptu.cuda.driver;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Notices device memory that nobody can give back any longer, and says so; it gives nothing back
 * itself. Device memory leaks where a scope is left open by a thread that ends, since nothing else
 * refers to the scope's tensors.
 */
final class LeakReport {
  private static final System.Logger LOG = System.getLogger(LeakReport.class.getName());
  private static final Cleaner CLEANER = Cleaner.create();

  private final DriverContext context;
  private final boolean trace;
  private final AtomicLong pieces = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  /**
   * Makes one.
   *
   * @param context whose end gives everything back
   * @param trace whether to remember where each piece was allocated
   */
  LeakReport(DriverContext context, boolean trace) {
    this.context = context;
    this.trace = trace;
  }

  Loan loan(long size) {
    return new Loan(this, size, trace ? new Throwable("allocated here") : null);
  }

  /** A piece of memory in somebody's hands. */
  static final class Loan implements Runnable {
    private final LeakReport report;
    private final long size;
    private final @Nullable Throwable origin;
    private volatile boolean givenBack;
    private Cleaner.@Nullable Cleanable cleanable;

    private Loan(LeakReport report, long size, @Nullable Throwable origin) {
      this.report = report;
      this.size = size;
      this.origin = origin;
    }

    void watch(DeviceMemory memory) {
      cleanable = CLEANER.register(memory, this);
    }

    void giveBack() {
      givenBack = true;
      if (cleanable != null) {
        cleanable.clean();
      }
    }

    @Override
    public void run() {
      if (!givenBack && !report.context.isClosed()) {
        report.lost(size, origin);
      }
    }
  }

  private void lost(long size, @Nullable Throwable origin) {
    long lostPieces = pieces.incrementAndGet();
    long lostBytes = bytes.addAndGet(size);
    if (origin != null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "CUDA: " + MemoryInfo.text(size) + " of device memory were never given back",
          origin);
    } else if (Long.bitCount(lostPieces) == 1) {
      // One scope may have held thousands of them.
      LOG.log(
          System.Logger.Level.WARNING,
          "CUDA: device memory was never given back: {0} pieces so far, {1}; was a scope left open? -Dimpromptu.leaks=trace shows where they were allocated",
          lostPieces,
          MemoryInfo.text(lostBytes));
    }
  }
}
