package dev.impromptu.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * The primary context of one device: what memory and modules belong to. Closing it ends whatever
 * was made in it.
 *
 * <p>All work goes through one stream, in order. Any thread may use a context; whoever needs
 * several calls to stand together in the stream holds its monitor.
 *
 * <p>Some failures, such as that of a running kernel, leave a context of no use. Every later call
 * then fails with the first failure's words; {@link #close} still works, and a new context can be
 * opened.
 */
public final class DriverContext implements AutoCloseable {
  /** Uploads go through page-locked memory in pieces of at most this size. */
  static final int STAGING_BYTES = 1 << 20;

  private static final String NO_USE = ", of no use until it is opened again";

  private final CUdevice device;
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final KernelArguments arguments = new KernelArguments();
  private final Set<Runnable> owned = new LinkedHashSet<>();
  private final String deviceName;
  private final Staging staging;
  private volatile @Nullable CudaException broken;
  private boolean recording;
  private volatile boolean closed;

  DriverContext(CUdevice device) {
    this.device = device;
    int status = JCudaDriver.cuDevicePrimaryCtxRetain(context, device);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuDevicePrimaryCtxRetain", device.toString());
    }
    try {
      deviceName = readName();
      makeCurrent();
      status = JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING);
      if (status != CUresult.CUDA_SUCCESS) {
        throw failure(status, "cuStreamCreate", "");
      }
      owned.add(this::destroyStream);
      staging = new Staging(this);
    } catch (CudaException e) {
      closeAfter(e);
      throw e;
    }
  }

  private void closeAfter(CudaException e) {
    try {
      close();
    } catch (CudaException alsoThis) {
      e.addSuppressed(alsoThis);
    }
  }

  private void destroyStream() {
    if (broken != null) {
      return;
    }
    int status = JCudaDriver.cuStreamDestroy(stream);
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(status, "cuStreamDestroy", "");
    }
  }

  /** All work goes through this stream, in order. */
  CUstream stream() {
    return stream;
  }

  /**
   * Arguments for one launch of a kernel of this context, the same object every time: hold this
   * context's monitor from here to the launch.
   */
  public KernelArguments arguments() {
    return arguments.clear();
  }

  /** The device's name as its maker gives it. */
  public String deviceName() {
    return deviceName;
  }

  private String readName() {
    var name = new byte[256];
    int status = JCudaDriver.cuDeviceGetName(name, name.length, device);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuDeviceGetName", device.toString());
    }
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }

  /** The compute capability, as in {@code sm_75}: 75. */
  public int computeCapability() {
    return 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  /** How many streaming multiprocessors the device has. */
  public int multiprocessors() {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  }

  /** The size of the cache in front of the device's memory. */
  public long cacheBytes() {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  }

  private int attribute(int attribute) {
    var value = new int[1];
    int status = JCudaDriver.cuDeviceGetAttribute(value, attribute, device);
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(status, "cuDeviceGetAttribute", CUdevice_attribute.stringFor(attribute));
    }
    return value[0];
  }

  /** How much memory the device has left for everybody, and how much it has. */
  public MemoryInfo memoryInfo() {
    makeCurrent();
    var free = new long[1];
    var total = new long[1];
    int status = JCudaDriver.cuMemGetInfo(free, total);
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(status, "cuMemGetInfo", "");
    }
    return new MemoryInfo(free[0], total[0]);
  }

  /** Memory on the device, the driver's own allocation; what stands in it is undefined. */
  public DeviceMemory allocate(long bytes) {
    DeviceRegion region = reserve(bytes);
    return new DeviceMemory(region, 0, bytes, _ -> region.close());
  }

  /** A call of {@code cuMemAlloc}. */
  synchronized DeviceRegion reserve(long bytes) {
    makeCurrent();
    if (!recording) {
      return new DeviceRegion(this, bytes);
    }
    // A recording refuses to let memory be allocated beside it, unless told that this is meant.
    var mode = new int[] {CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED};
    exchangeCaptureMode(mode);
    try {
      return new DeviceRegion(this, bytes);
    } finally {
      exchangeCaptureMode(mode);
    }
  }

  private void exchangeCaptureMode(int[] mode) {
    int status = JCudaDriver.cuThreadExchangeStreamCaptureMode(mode);
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(status, "cuThreadExchangeStreamCaptureMode", "");
    }
  }

  /**
   * Compiles kernels for this device.
   *
   * @param ptx the text of a PTX file
   */
  public synchronized CudaModule load(String ptx) {
    makeCurrent();
    return new CudaModule(this, ptx);
  }

  /** A point in the stream to wait for or to measure time from. */
  public synchronized CudaEvent event() {
    makeCurrent();
    return new CudaEvent(this);
  }

  /**
   * Copies to the device, behind what was launched before; returns when the source was read, not
   * when the device has it.
   *
   * @param target where to, in whole elements of four bytes
   * @param source gives the elements
   */
  public synchronized void upload(DeviceSpan target, StagingSource source) {
    requireNotRecording("upload", "write before the work is recorded or replayed");
    makeCurrent();
    staging.upload(target, source);
  }

  /**
   * Copies from the device, after all that was launched has ended.
   *
   * @param source where from, in whole elements of four bytes
   * @param target takes the elements
   */
  public synchronized void download(DeviceSpan source, StagingTarget target) {
    requireNotRecording("download", "read after the work was replayed");
    makeCurrent();
    staging.download(source, target);
  }

  /**
   * Copies a few bytes from the device at the next {@link #download}, whose waiting serves both.
   *
   * @param source at most 16 bytes
   */
  public synchronized void fetch(DeviceSpan source) {
    requireNotRecording("fetch", "read after the work was replayed");
    makeCurrent();
    staging.fetch(source);
  }

  /** What the last {@link #fetch} brought, after the download that followed it. */
  public synchronized ByteBuffer fetched() {
    return staging.fetched();
  }

  /**
   * Waits for everything that was launched; the error of a kernel arrives here or at the next copy.
   */
  public synchronized void synchronize() {
    requireNotRecording("synchronize", "wait after the work was replayed");
    makeCurrent();
    int status = JCudaDriver.cuStreamSynchronize(stream);
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(status, "cuStreamSynchronize", "");
    }
  }

  /**
   * Records what {@code work} launches, without running it; holds this context's monitor meanwhile.
   *
   * @throws IllegalStateException when work is being recorded already
   */
  public synchronized CudaGraphExec record(Runnable work) {
    requireNotRecording("record", "recordings do not nest");
    makeCurrent();
    recording = true;
    try {
      return CudaGraphExec.capture(this, work);
    } finally {
      recording = false;
    }
  }

  /** Whether {@link #record} is under way. */
  boolean isRecording() {
    return recording;
  }

  /**
   * Refuses what cannot stand among recorded work.
   *
   * @param what was asked for
   * @param advice what to do instead
   * @throws IllegalStateException while work is recorded
   */
  public void requireNotRecording(String what, String advice) {
    if (recording) {
      throw new IllegalStateException(
          "CUDA: %s is not possible while work is recorded; %s".formatted(what, advice));
    }
  }

  /**
   * The driver keeps a current context for each thread, so every call that needs one comes here
   * first.
   */
  void makeCurrent() {
    if (closed) {
      throw new IllegalStateException("CUDA: the context of " + deviceName + " is closed");
    }
    if (broken != null) {
      throw CudaException.after(broken);
    }
    int status = JCudaDriver.cuCtxSetCurrent(context);
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(status, "cuCtxSetCurrent", deviceName);
    }
  }

  /**
   * The exception for a call that failed: it names the call, its arguments and the device's state.
   */
  synchronized CudaException failure(int status, String call, String arguments) {
    // What the driver says about the failure, before another call is made.
    String meaning = CudaException.meaning(status);
    if (!CudaException.isFatal(status)) {
      return CudaException.of(status, call, arguments, meaning, deviceName + freeMemory());
    }
    return breakBy(CudaException.of(status, call, arguments, meaning, deviceName + NO_USE));
  }

  /**
   * The exception for a call of cuBLAS or cuDNN that failed. Their statuses do not tell what became
   * of the device, so the driver is asked: a failure that leaves it of no use comes with every
   * call.
   */
  synchronized CudaException libraryFailure(
      int status, String name, String meaning, String call, String arguments) {
    boolean fatal = CudaException.isFatal(JCudaDriver.cuMemGetInfo(new long[1], new long[1]));
    CudaException e =
        CudaException.ofLibrary(
            status, name, meaning, call, arguments, deviceName + (fatal ? NO_USE : freeMemory()));
    return fatal ? breakBy(e) : e;
  }

  private CudaException breakBy(CudaException e) {
    if (broken == null) {
      broken = e;
    }
    return e;
  }

  private String freeMemory() {
    var free = new long[1];
    var total = new long[1];
    return JCudaDriver.cuMemGetInfo(free, total) == CUresult.CUDA_SUCCESS
        ? ", " + new MemoryInfo(free[0], total[0])
        : "";
  }

  /** Runs this when the context is closed, the last that came first, unless it is disowned. */
  synchronized void own(Runnable close) {
    owned.add(close);
  }

  synchronized void disown(Runnable close) {
    owned.remove(close);
  }

  /** Whether what was allocated here is gone. */
  boolean isClosed() {
    return closed;
  }

  /** Whether an earlier failure left this context of no use. */
  boolean isBroken() {
    return broken != null;
  }

  /** Whether calls can succeed: it is neither closed nor left of no use by an earlier failure. */
  public boolean isUsable() {
    return !closed && broken == null;
  }

  /** Works after the error of a kernel too, which leaves the context of no use. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    requireNotRecording("closing", "close the device after the work was recorded");
    // The end of a broken context is what is wanted here, and its failure was told before.
    boolean told = broken != null;
    CudaException failure = closeOwned();
    closed = true;
    int status = JCudaDriver.cuDevicePrimaryCtxRelease(device);
    if (failure == null && status != CUresult.CUDA_SUCCESS) {
      failure = CudaException.of(status, "cuDevicePrimaryCtxRelease", deviceName);
    }
    if (failure != null && !told) {
      throw failure;
    }
  }

  /** What fails first, after all the rest was closed too. */
  private @Nullable CudaException closeOwned() {
    CudaException first = null;
    int status = JCudaDriver.cuCtxSetCurrent(context);
    if (status != CUresult.CUDA_SUCCESS) {
      first = failure(status, "cuCtxSetCurrent", deviceName);
    }
    for (Runnable close : closings()) {
      try {
        close.run();
      } catch (CudaException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    return first;
  }

  private List<Runnable> closings() {
    List<Runnable> closings = new ArrayList<>(owned);
    if (broken == null) {
      closings.add(this::synchronize);
    }
    return closings.reversed();
  }
}
