package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The driver that the tests run on: the stand-in that the build compiles, or with {@code
 * -Dimpromptu.driver=system} the machine's own. Where there is none they are skipped, unless {@code
 * -Dimpromptu.require=driver-double} or {@code =cuda} asks for it.
 */
public final class TestDriver {
  private static final String DOUBLE = "Impromptu driver double";

  private TestDriver() {}

  /** The context of the first device; skips the test where there is none. */
  public static DriverContext open() {
    List<String> required = List.of(System.getProperty("impromptu.require", "").split(","));
    try {
      DriverContext context = CudaDriver.load().open(0);
      String found = isDouble(context) ? "driver-double" : "cuda";
      for (String wanted : List.of("driver-double", "cuda")) {
        if (required.contains(wanted) && !wanted.equals(found)) {
          context.close();
          return fail("-Dimpromptu.require=" + wanted + ", but the tests found " + found);
        }
      }
      return context;
    } catch (CudaException e) {
      if (required.contains("driver-double") || required.contains("cuda")) {
        throw e;
      }
      return abort(e.getMessage());
    }
  }

  /** As {@link #open()}, on the stand-in alone. */
  static DriverContext openDouble() {
    DriverContext context = open();
    if (!isDouble(context)) {
      String name = context.deviceName();
      context.close();
      return abort("This needs the stand-in driver, not " + name);
    }
    return context;
  }

  static boolean isDouble(DriverContext context) {
    return context.deviceName().equals(DOUBLE);
  }

  /**
   * In which order the stand-in runs threads and blocks from now on: 0 ascending, 1 descending,
   * others shuffle. A device of its own order ignores it.
   */
  public static void schedule(DriverContext context, long seed) {
    if (isDouble(context)) {
      DriverDouble.find().orElseThrow().setSchedule(seed);
    }
  }

  /** What chip the stand-in claims to be for contexts opened from now on, {@code 90}. */
  public static void capability(DriverContext context, int capability) {
    if (isDouble(context)) {
      DriverDouble.find().orElseThrow().setCapability(capability / 10, capability % 10);
    }
  }

  /** As {@link DriverDouble#limitGrid}, on the stand-in alone. */
  public static void limitGrid(String kernel, int x, int y) {
    DriverDouble.find().ifPresent(driver -> driver.limitGrid(kernel, x, y));
  }

  /** Waits until a thread waits for a monitor, or has ended. */
  public static void awaitBlocked(Thread thread) {
    for (int i = 0; i < 10_000; i++) {
      if (thread.getState() == Thread.State.BLOCKED
          || thread.getState() == Thread.State.TERMINATED) {
        return;
      }
      LockSupport.parkNanos(1_000_000);
    }
    fail(thread + " is " + thread.getState());
  }

  /** Makes the stand-in refuse the next call of this name; without it there is nothing to test. */
  static void failNext(String call, int status) {
    DriverDouble.find()
        .orElseGet(() -> abort("This needs the stand-in driver"))
        .failNext(call, status);
  }
}
