package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.List;

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

  /** Makes the stand-in refuse the next call of this name. */
  @SuppressWarnings("restricted")
  static void failNext(String call, int status) {
    try (Arena arena = Arena.ofConfined()) {
      var function =
          SymbolLookup.libraryLookup("libcuda.so.1", arena)
              .findOrThrow("impromptu_double_fail_next");
      Linker.nativeLinker()
          .downcallHandle(
              function, FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
          .invokeExact(arena.allocateFrom(call), status);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
