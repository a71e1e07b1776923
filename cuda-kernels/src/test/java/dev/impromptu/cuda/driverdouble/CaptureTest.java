package dev.impromptu.cuda.driverdouble;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stream captures, and what CUDA forbids meanwhile. */
@WithDriverDouble
class CaptureTest {
  private static final int UNSUPPORTED = CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  private static final int INVALIDATED = CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  private static final int GLOBAL = CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL;
  private static final int RELAXED = CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED;

  private DriverDouble driver;
  private JCudaDevice device;
  private CUstream stream;
  private CUstream other;
  private CUevent event;
  private CUfunction addOne;
  private CUdeviceptr x;

  @BeforeEach
  void open(DriverDouble driver) {
    this.driver = driver;
    device = new JCudaDevice();
    stream = device.stream(JCudaDevice.NON_BLOCKING);
    other = device.stream(JCudaDevice.NON_BLOCKING);
    event = new CUevent();
    JCudaDevice.check(JCudaDriver.cuEventCreate(event, 0));
    addOne = device.function("test_add_one");
    x = device.floats(1);
  }

  @AfterEach
  void close() {
    if (device != null) {
      JCudaDriver.cuStreamEndCapture(stream, new CUgraph());
      JCudaDevice.check(JCudaDriver.cuEventDestroy(event));
      JCudaDevice.check(JCudaDriver.cuStreamDestroy(stream));
      JCudaDevice.check(JCudaDriver.cuStreamDestroy(other));
      device.close();
    }
  }

  private void begin(int mode) {
    JCudaDevice.check(JCudaDriver.cuStreamBeginCapture(stream, mode));
  }

  private int launch(CUstream on) {
    return device.launch(on, addOne, 1, 1, 0, x, 1);
  }

  private float value() {
    return device.readFloats(x, 1)[0];
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void whatWasCapturedRunsAtEachLaunchOnly(long seed) {
    driver.setSchedule(seed);
    begin(GLOBAL);
    JCudaDevice.check(launch(stream));
    JCudaDevice.check(launch(stream));
    var graph = new CUgraph();
    JCudaDevice.check(JCudaDriver.cuStreamEndCapture(stream, graph));
    assertEquals(1, value());

    var nodes = new long[1];
    JCudaDevice.check(JCudaDriver.cuGraphGetNodes(graph, (CUgraphNode[]) null, nodes));
    assertEquals(2, nodes[0]);
    var executable = new CUgraphExec();
    JCudaDevice.check(JCudaDriver.cuGraphInstantiate(executable, graph, 0));
    JCudaDevice.check(JCudaDriver.cuGraphDestroy(graph));
    for (int i = 0; i < 3; i++) {
      JCudaDevice.check(JCudaDriver.cuGraphLaunch(executable, stream));
    }
    JCudaDevice.check(JCudaDriver.cuGraphExecDestroy(executable));
    JCudaDevice.check(JCudaDriver.cuStreamSynchronize(stream));

    assertEquals(7, value());
    assertEquals(2, driver.launches("test_add_one"));
    assertEquals(6, driver.runs("test_add_one"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void anotherStreamForksOffAndJoins(long seed) {
    driver.setSchedule(seed);
    begin(GLOBAL);
    JCudaDevice.check(launch(stream));
    JCudaDevice.check(JCudaDriver.cuEventRecord(event, stream));
    JCudaDevice.check(JCudaDriver.cuStreamWaitEvent(other, event, 0));
    JCudaDevice.check(launch(other));
    JCudaDevice.check(JCudaDriver.cuEventRecord(event, other));
    JCudaDevice.check(JCudaDriver.cuStreamWaitEvent(stream, event, 0));
    JCudaDevice.check(launch(stream));
    var graph = new CUgraph();
    JCudaDevice.check(JCudaDriver.cuStreamEndCapture(stream, graph));
    var executable = new CUgraphExec();
    JCudaDevice.check(JCudaDriver.cuGraphInstantiate(executable, graph, 0));
    JCudaDevice.check(JCudaDriver.cuGraphLaunch(executable, stream));
    JCudaDevice.check(JCudaDriver.cuStreamSynchronize(stream));

    assertEquals(4, value());
    JCudaDevice.check(JCudaDriver.cuGraphExecDestroy(executable));
    JCudaDevice.check(JCudaDriver.cuGraphDestroy(graph));
  }

  @Test
  void aForkMustJoin() {
    begin(GLOBAL);
    JCudaDevice.check(JCudaDriver.cuEventRecord(event, stream));
    JCudaDevice.check(JCudaDriver.cuStreamWaitEvent(other, event, 0));
    JCudaDevice.check(launch(other));

    assertEquals(
        CUresult.CUDA_ERROR_STREAM_CAPTURE_UNJOINED,
        JCudaDriver.cuStreamEndCapture(stream, new CUgraph()));
  }

  private void assertInvalid() {
    assertEquals(INVALIDATED, launch(stream));
    assertEquals(INVALIDATED, JCudaDriver.cuStreamEndCapture(stream, new CUgraph()));
    JCudaDevice.check(launch(stream));
  }

  @Test
  void aWaitForTheStreamInvalidates() {
    begin(RELAXED);
    assertEquals(UNSUPPORTED, JCudaDriver.cuStreamSynchronize(stream));
    assertInvalid();
  }

  @Test
  void aQueryOfTheStreamInvalidates() {
    begin(RELAXED);
    assertEquals(UNSUPPORTED, JCudaDriver.cuStreamQuery(stream));
    assertInvalid();
  }

  @Test
  void aWaitForTheContextInvalidates() {
    begin(RELAXED);
    assertEquals(UNSUPPORTED, JCudaDriver.cuCtxSynchronize());
    assertInvalid();
  }

  @Test
  void aBlockingCopyInvalidatesUnlessTheModeIsRelaxed() {
    begin(RELAXED);
    assertEquals(1, value());
    JCudaDevice.check(JCudaDriver.cuStreamEndCapture(stream, new CUgraph()));
    begin(GLOBAL);
    assertEquals(UNSUPPORTED, device.write(x, 5));
    assertInvalid();
    assertEquals(1, value(), "nothing was copied, and the launch still waits");
  }

  @Test
  void anAllocationInvalidatesUnlessTheModeIsRelaxed() {
    begin(RELAXED);
    device.free(device.allocate(4));
    JCudaDevice.check(JCudaDriver.cuStreamEndCapture(stream, new CUgraph()));
    begin(GLOBAL);
    int status = JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4);
    assertEquals(UNSUPPORTED, status);
    assertEquals("cuMemAlloc while a stream captures", JCudaDevice.message(status));
    assertInvalid();
  }

  @Test
  void loadingAModuleInvalidatesUnlessTheModeIsRelaxed() {
    begin(RELAXED);
    device.function("test_add_one");
    JCudaDevice.check(JCudaDriver.cuStreamEndCapture(stream, new CUgraph()));
    begin(GLOBAL);
    int status = JCudaDriver.cuModuleLoadData(new CUmodule(), DriverDouble.ptx("test_add_one"));
    assertEquals(UNSUPPORTED, status);
    assertEquals("cuModuleLoadData while a stream captures", JCudaDevice.message(status));
    assertInvalid();
  }

  @Test
  void aThreadMayRelaxItsOwnMode() {
    begin(GLOBAL);
    var mode = new int[] {RELAXED};
    JCudaDevice.check(JCudaDriver.cuThreadExchangeStreamCaptureMode(mode));
    device.allocate(4);
    JCudaDevice.check(JCudaDriver.cuThreadExchangeStreamCaptureMode(mode));

    assertEquals(RELAXED, mode[0]);
    JCudaDevice.check(JCudaDriver.cuStreamEndCapture(stream, new CUgraph()));
  }

  @Test
  void theLegacyStreamMustNotWaitForABlockingStreamThatCaptures() {
    CUstream blocking = device.stream(0);
    JCudaDevice.check(JCudaDriver.cuStreamBeginCapture(blocking, RELAXED));
    assertEquals(CUresult.CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, JCudaDriver.cuMemsetD32(x, 0, 1));

    assertEquals(INVALIDATED, JCudaDriver.cuStreamEndCapture(blocking, new CUgraph()));
    JCudaDevice.check(JCudaDriver.cuStreamDestroy(blocking));
  }

  @Test
  void anEventFromOutsideInvalidates() {
    JCudaDevice.check(JCudaDriver.cuEventRecord(event, other));
    begin(RELAXED);
    assertEquals(
        CUresult.CUDA_ERROR_STREAM_CAPTURE_ISOLATION,
        JCudaDriver.cuStreamWaitEvent(stream, event, 0));
    assertInvalid();
  }

  @Test
  void aCapturedEventCannotBeWaitedFor() {
    begin(RELAXED);
    JCudaDevice.check(JCudaDriver.cuEventRecord(event, stream));
    assertEquals(CUresult.CUDA_ERROR_CAPTURED_EVENT, JCudaDriver.cuEventSynchronize(event));
    assertInvalid();
  }

  @Test
  void aCaptureEndsWhereItBegan() throws InterruptedException {
    begin(GLOBAL);
    var status = new int[1];
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  device.makeCurrent();
                  status[0] = JCudaDriver.cuStreamEndCapture(stream, new CUgraph());
                });
    thread.join();

    assertEquals(CUresult.CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, status[0]);
  }

  @Test
  void aGraphOnFreedMemoryIsNamed() {
    begin(GLOBAL);
    JCudaDevice.check(launch(stream));
    var graph = new CUgraph();
    JCudaDevice.check(JCudaDriver.cuStreamEndCapture(stream, graph));
    var executable = new CUgraphExec();
    JCudaDevice.check(JCudaDriver.cuGraphInstantiate(executable, graph, 0));
    device.free(x);
    JCudaDevice.check(JCudaDriver.cuGraphLaunch(executable, stream));
    int status = JCudaDriver.cuStreamSynchronize(stream);

    assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, status);
    assertTrue(JCudaDevice.message(status).endsWith("that was freed"), JCudaDevice.message(status));
    device.reopen();
    stream = device.stream(JCudaDevice.NON_BLOCKING);
    other = device.stream(JCudaDevice.NON_BLOCKING);
    JCudaDevice.check(JCudaDriver.cuEventCreate(event, 0));
  }
}
