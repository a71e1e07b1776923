package dev.impromptu.cuda.driverdouble;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams do nothing until somebody waits, unless the schedule says otherwise. */
@WithDriverDouble
class StreamTest {
  private DriverDouble driver;
  private JCudaDevice device;
  private CUstream stream;
  private CUstream other;

  @BeforeEach
  void open(DriverDouble driver) {
    this.driver = driver;
    device = new JCudaDevice();
    stream = device.stream(JCudaDevice.NON_BLOCKING);
    other = device.stream(JCudaDevice.NON_BLOCKING);
  }

  @AfterEach
  void close() {
    if (device != null) {
      JCudaDriver.cuStreamDestroy(stream);
      JCudaDriver.cuStreamDestroy(other);
      device.close();
    }
  }

  private void addOne(CUstream on, CUdeviceptr x) {
    JCudaDevice.check(device.launch(on, device.function("test_add_one"), 1, 1, 0, x, 1));
  }

  @Test
  void aKernelRunsWhenItsStreamIsWaitedFor() {
    CUdeviceptr x = device.floats(1);
    addOne(stream, x);
    assertEquals(1, driver.launches("test_add_one"));
    assertEquals(0, driver.runs("test_add_one"));

    JCudaDevice.check(JCudaDriver.cuStreamSynchronize(stream));

    assertEquals(1, driver.runs("test_add_one"));
    assertEquals(2, device.readFloats(x, 1)[0]);
  }

  @Test
  void aBlockingCopyDoesNotWaitForANonBlockingStream() {
    CUdeviceptr x = device.floats(1);
    addOne(stream, x);

    assertEquals(1, device.readFloats(x, 1)[0]);
  }

  @Test
  void aBlockingCopyWaitsForBlockingStreams() {
    CUdeviceptr x = device.floats(1);
    CUstream blocking = device.stream(0);
    addOne(blocking, x);

    assertEquals(2, device.readFloats(x, 1)[0]);
    JCudaDevice.check(JCudaDriver.cuStreamDestroy(blocking));
  }

  @Test
  void theLegacyStreamComesBetweenWhatIsBeforeAndBehindIt() {
    CUdeviceptr x = device.floats(1);
    CUstream blocking = device.stream(0);
    addOne(blocking, x);
    JCudaDevice.check(JCudaDriver.cuMemsetD32(x, Float.floatToIntBits(10), 1));
    addOne(blocking, x);
    JCudaDevice.check(JCudaDriver.cuStreamSynchronize(blocking));

    assertEquals(11, device.readFloats(x, 1)[0]);
    JCudaDevice.check(JCudaDriver.cuStreamDestroy(blocking));
  }

  @Test
  void aStagingBufferThatIsOverwrittenTooEarlyShows() {
    var staging = new Pointer();
    JCudaDevice.check(JCudaDriver.cuMemAllocHost(staging, 4));
    ByteBuffer bytes = staging.getByteBuffer(0, 4).order(java.nio.ByteOrder.nativeOrder());
    CUdeviceptr x = device.allocate(4);
    bytes.putFloat(0, 1);
    JCudaDevice.check(JCudaDriver.cuMemcpyHtoDAsync(x, staging, 4, stream));
    bytes.putFloat(0, 2);
    JCudaDevice.check(JCudaDriver.cuStreamSynchronize(stream));

    assertEquals(2, device.readFloats(x, 1)[0]);
    JCudaDevice.check(JCudaDriver.cuMemFreeHost(staging));
  }

  @Test
  void anEagerScheduleCopiesAtOnce() {
    driver.setSchedule(1);
    CUdeviceptr x = device.floats(1);
    addOne(stream, x);

    assertEquals(1, driver.runs("test_add_one"));
  }

  @Test
  void anEventOrdersTwoStreams() {
    CUdeviceptr x = device.floats(1);
    var event = new CUevent();
    JCudaDevice.check(JCudaDriver.cuEventCreate(event, 0));
    addOne(stream, x);
    JCudaDevice.check(JCudaDriver.cuEventRecord(event, stream));
    addOne(stream, x);
    JCudaDevice.check(JCudaDriver.cuStreamWaitEvent(other, event, 0));
    JCudaDevice.check(JCudaDriver.cuStreamSynchronize(other));

    assertEquals(2, device.readFloats(x, 1)[0], "only what was before the event");
    JCudaDevice.check(JCudaDriver.cuEventDestroy(event));
  }

  @Test
  void whoPollsSeesBothAnswers() {
    addOne(stream, device.floats(1));

    assertEquals(CUresult.CUDA_ERROR_NOT_READY, JCudaDriver.cuStreamQuery(stream));
    assertEquals(CUresult.CUDA_SUCCESS, JCudaDriver.cuStreamQuery(stream));
  }

  @Test
  void eventsTakeTime() {
    var start = new CUevent();
    var end = new CUevent();
    JCudaDevice.check(JCudaDriver.cuEventCreate(start, 0));
    JCudaDevice.check(JCudaDriver.cuEventCreate(end, 0));
    JCudaDevice.check(JCudaDriver.cuEventRecord(start, stream));
    JCudaDevice.check(JCudaDriver.cuEventRecord(end, stream));
    var milliseconds = new float[1];
    assertEquals(
        CUresult.CUDA_ERROR_NOT_READY, JCudaDriver.cuEventElapsedTime(milliseconds, start, end));
    JCudaDevice.check(JCudaDriver.cuEventSynchronize(end));
    JCudaDevice.check(JCudaDriver.cuEventElapsedTime(milliseconds, start, end));

    assertTrue(milliseconds[0] >= 0);
    JCudaDevice.check(JCudaDriver.cuEventDestroy(start));
    JCudaDevice.check(JCudaDriver.cuEventDestroy(end));
  }

  @Test
  void memoryThatWasFreedBeforeItsKernelRanCannotBe() {
    CUdeviceptr x = device.floats(1);
    addOne(stream, x);
    device.free(x);

    assertEquals(1, driver.runs("test_add_one"), "cuMemFree waits, as the driver does");
  }

  @Test
  void aLaunchOnFreedMemoryIsNamed() {
    CUdeviceptr x = device.floats(1, 2);
    device.free(x);

    String fault = device.fault(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "test_add_one", 1, 1, x, 1);

    assertTrue(
        fault.startsWith("kernel test_add_one was given as argument 1 a pointer to address"),
        fault);
    assertTrue(fault.endsWith("offset 0 of an allocation of 8 bytes that was freed"), fault);
  }

  @Test
  void aFailedKernelIsSeenAtTheNextWaitAndStays() {
    driver.failKernel("test_add_one", 1, CUresult.CUDA_ERROR_LAUNCH_FAILED);
    CUdeviceptr x = device.floats(1);
    addOne(stream, x);
    addOne(stream, x);

    assertEquals(CUresult.CUDA_ERROR_LAUNCH_FAILED, JCudaDriver.cuStreamSynchronize(stream));
    assertEquals(CUresult.CUDA_ERROR_LAUNCH_FAILED, JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4));
  }

  @Test
  void aLostDeviceRefusesEverything() {
    driver.loseDevice(46);

    assertEquals(46, JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4));
    assertEquals(46, JCudaDriver.cuCtxSynchronize());
  }

  @Test
  void aCallFailsAfterSoManyOthers() {
    driver.failAfter("cuMemAlloc", 2, CUresult.CUDA_ERROR_OUT_OF_MEMORY);
    device.allocate(4);
    device.allocate(4);

    assertEquals(CUresult.CUDA_ERROR_OUT_OF_MEMORY, JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4));
    assertEquals(0, driver.unusedOrders());
    device.allocate(4);
  }

  @Test
  void memoryHasASize() {
    driver.setMemory(1000);
    device.allocate(600);
    int status = JCudaDriver.cuMemAlloc(new CUdeviceptr(), 600);

    assertEquals(CUresult.CUDA_ERROR_OUT_OF_MEMORY, status);
    assertEquals("400 bytes are free", JCudaDevice.message(status));
    var free = new long[1];
    var total = new long[1];
    JCudaDevice.check(JCudaDriver.cuMemGetInfo(free, total));
    assertArrayEquals(new long[] {400, 1000}, new long[] {free[0], total[0]});
  }

  @Test
  void aCopyBeyondItsMemoryIsRefused() {
    int status = device.write(device.allocate(8), 1, 2, 3);

    assertEquals(CUresult.CUDA_ERROR_INVALID_VALUE, status);
    assertEquals(
        "the range of 12 bytes at offset 0 of an allocation of 8 bytes is not inside it",
        JCudaDevice.message(status));
  }

  @Test
  void copiesAreCounted() {
    CUdeviceptr x = device.floats(1, 2, 3);
    device.readFloats(x, 2);

    assertEquals(12, driver.bytesToDevice());
    assertEquals(8, driver.bytesToHost());
    assertEquals(1, driver.calls("cuMemcpyDtoH"));
  }
}
