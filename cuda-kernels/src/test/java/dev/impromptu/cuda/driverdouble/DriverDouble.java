package dev.impromptu.cuda.driverdouble;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a test may order of the stand-in driver in this process, and ask it. Orders hold for the
 * whole process until {@link #reset}; {@link DriverDoubleExtension} resets them around each test.
 */
public final class DriverDouble {
  private static final String LIBRARY = "libcuda.so.1";
  private static final String PREFIX = "impromptu_double_";
  private static final Optional<DriverDouble> FOUND = look();

  private final SymbolLookup library;
  private final Map<String, MethodHandle> functions = new ConcurrentHashMap<>();

  private DriverDouble(SymbolLookup library) {
    this.library = library;
  }

  /** The double, if the {@code libcuda.so.1} that this process finds is one. */
  public static Optional<DriverDouble> find() {
    return FOUND;
  }

  @SuppressWarnings("restricted")
  private static Optional<DriverDouble> look() {
    try {
      SymbolLookup library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
      return library.find(PREFIX + "reset").map(there -> new DriverDouble(library));
    } catch (IllegalArgumentException notThere) {
      return Optional.empty();
    }
  }

  /** The next call of this name, {@code "cuMemAlloc"}, fails with this {@code CUresult}. */
  public void failNext(String call, int status) {
    failAfter(call, 0, status);
  }

  /** The same for the call after so many others of its name. */
  public void failAfter(String call, int callsBefore, int status) {
    order("fail_after", call, callsBefore, status);
  }

  /**
   * A kernel fails where it runs, not where it is launched: the status comes with the next wait and
   * stays.
   *
   * @param kernel its name; the empty text is any kernel
   */
  public void failKernel(String kernel, int runsBefore, int status) {
    order("fail_kernel", kernel, runsBefore, status);
  }

  /**
   * From now on launches of a kernel have no more blocks than this along x and along y, whatever
   * was asked for: a kernel that strides over what its grid does not cover gives the same.
   */
  public void limitGrid(String kernel, int x, int y) {
    order("limit_grid", kernel, x, y);
  }

  /** From now on every call fails with this {@code CUresult}, until the context is released. */
  public void loseDevice(int status) {
    call("lose_device", FunctionDescriptor.ofVoid(JAVA_INT), status);
  }

  /**
   * What the device claims to be; the environment variable {@code IMPROMPTU_DOUBLE_CAPABILITY}, 70,
   * 75 or 90, says what it is without this.
   *
   * @throws IllegalArgumentException for another than 7.0, 7.5 and 9.0
   */
  public void setCapability(int major, int minor) {
    Object status =
        call("set_capability", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), major, minor);
    if ((int) status != 0) {
      throw new IllegalArgumentException(
          "The double can be a device of capability 7.0, 7.5 or 9.0, not " + major + "." + minor);
    }
  }

  /**
   * Of which version of CUDA the driver claims to be, 12010 for the usual 12.1.
   *
   * @throws IllegalArgumentException for another than 12.0 and 12.1
   */
  public void setDriverVersion(int version) {
    Object status = call("set_driver_version", FunctionDescriptor.of(JAVA_INT, JAVA_INT), version);
    if ((int) status != 0) {
      throw new IllegalArgumentException(
          "The double can be a driver of version 12000 to 12010, not " + version);
    }
  }

  /**
   * In what order threads, warps and blocks run as far as barriers leave it open, and when work on
   * streams runs as far as nobody waits. The environment variable {@code IMPROMPTU_DOUBLE_SCHEDULE}
   * says what it is without this.
   *
   * @param seed 0: ascending, and only when waited for; 1: descending, and at once; any other:
   *     shuffled, the same way each time
   */
  public void setSchedule(long seed) {
    call("set_schedule", FunctionDescriptor.ofVoid(JAVA_LONG), seed);
  }

  /**
   * Whether each access of a kernel is looked at, as it is without this: one outside of live device
   * memory or of a shared array, or that races for a word of shared memory, is then a fault.
   * Without the look such a bug shows in results and canaries at most, and kernels run several
   * times faster.
   */
  public void setAccessChecks(boolean wanted) {
    call("set_access_checks", FunctionDescriptor.ofVoid(JAVA_INT), wanted ? 1 : 0);
  }

  /**
   * How long a kernel may compute; a minute, or the milliseconds of the environment variable {@code
   * IMPROMPTU_DOUBLE_WATCHDOG}, if nothing is set.
   */
  public void setWatchdog(Duration limit) {
    call("set_watchdog", FunctionDescriptor.ofVoid(JAVA_INT), (int) limit.toMillis());
  }

  /** The size of the device's memory; 0 for the usual 2 GiB. */
  public void setMemory(long bytes) {
    call("set_memory", FunctionDescriptor.ofVoid(JAVA_LONG), bytes);
  }

  /** Forgets every order, counter and report. Memory, streams and contexts stay. */
  public void reset() {
    call("reset", FunctionDescriptor.ofVoid());
  }

  /**
   * Kernels of another library take the place of those of the same names; contexts that are open
   * end.
   *
   * @param library made by BuildDriverDouble from one kernel file; empty: the double's own are back
   * @throws IllegalArgumentException if it cannot be loaded
   */
  @SuppressWarnings("restricted")
  public void replaceKernels(Optional<Path> library) {
    try (Arena arena = Arena.ofConfined()) {
      var problem =
          (MemorySegment)
              call(
                  "replace_kernels",
                  FunctionDescriptor.of(ADDRESS, ADDRESS),
                  arena.allocateFrom(library.map(Path::toString).orElse("")));
      String text = problem.reinterpret(Integer.MAX_VALUE).getString(0);
      if (!text.isEmpty()) {
        throw new IllegalArgumentException(text);
      }
    }
  }

  /** How many ordered failures have not struck yet. */
  public int unusedOrders() {
    return (int) call("unused_orders", FunctionDescriptor.of(JAVA_INT));
  }

  /** How often a function of the driver was called, without the suffix of its version. */
  public long calls(String call) {
    return count("calls", call);
  }

  /** How often a kernel was launched, into a stream or a graph. */
  public long launches(String kernel) {
    return count("launches", kernel);
  }

  /** How often a kernel ran, by graphs too. */
  public long runs(String kernel) {
    return count("runs", kernel);
  }

  /** How many bytes were copied from the host to the device. */
  public long bytesToDevice() {
    return number("bytes_to_device");
  }

  /** How many bytes were copied from the device to the host. */
  public long bytesToHost() {
    return number("bytes_to_host");
  }

  /** The most device memory that was allocated at once, in bytes. */
  public long mostBytes() {
    return number("most_bytes");
  }

  /** What is there and has to be given back by somebody. */
  public Holdings holdings() {
    return new Holdings(
        number("live_allocations"),
        number("live_bytes"),
        number("dropped_allocations"),
        number("page_locked_allocations"),
        number("live_streams"),
        number("live_events"),
        number("live_graphs"),
        number("live_modules"),
        count("held", "handles"),
        count("held", "descriptors"),
        (int) call("contexts", FunctionDescriptor.of(JAVA_INT)));
  }

  /** The live allocations, one a line, oldest first. */
  public String describeAllocations() {
    return text("describe_allocations");
  }

  /** A write outside of an allocation that no call told of yet; empty if there is none. */
  public String damage() {
    return text("damage");
  }

  /**
   * PTX that says these kernels are in it, and nothing else: enough for the double to find kernels
   * that it was built with, and no driver but the double can run it.
   */
  public static String ptx(String... kernels) {
    var text = new StringBuilder(".version 6.4\n.target sm_75\n.address_size 64\n");
    for (String kernel : kernels) {
      text.append(".visible .entry ").append(kernel).append("()\n{\n\tret;\n}\n");
    }
    return text.toString();
  }

  private void order(String function, String name, int first, int second) {
    try (Arena arena = Arena.ofConfined()) {
      call(
          function,
          FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT),
          arena.allocateFrom(name),
          first,
          second);
    }
  }

  private long count(String function, String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (long)
          call(function, FunctionDescriptor.of(JAVA_LONG, ADDRESS), arena.allocateFrom(name));
    }
  }

  private long number(String function) {
    return (long) call(function, FunctionDescriptor.of(JAVA_LONG));
  }

  @SuppressWarnings("restricted")
  private String text(String function) {
    var address = (MemorySegment) call(function, FunctionDescriptor.of(ADDRESS));
    return address.reinterpret(Integer.MAX_VALUE).getString(0);
  }

  @SuppressWarnings("restricted")
  private Object call(String function, FunctionDescriptor descriptor, Object... arguments) {
    MethodHandle handle =
        functions.computeIfAbsent(
            function,
            name ->
                Linker.nativeLinker()
                    .downcallHandle(library.findOrThrow(PREFIX + name), descriptor));
    try {
      return handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("The driver double's " + PREFIX + function, e);
    }
  }

  /**
   * What is there and has to be given back by somebody.
   *
   * @param allocations of device memory
   * @param bytes of those
   * @param dropped allocations that were still live when their context ended in good order
   * @param pageLocked allocations of page-locked host memory
   * @param modules of kernels, those too that a context took along when it ended in good order
   * @param handles of cuBLAS and cuDNN
   * @param descriptors of cuDNN
   * @param contexts references to the context
   */
  public record Holdings(
      long allocations,
      long bytes,
      long dropped,
      long pageLocked,
      long streams,
      long events,
      long graphs,
      long modules,
      long handles,
      long descriptors,
      int contexts) {}
}
