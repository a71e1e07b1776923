package dev.impromptu.cuda.driverdouble;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What kernels may use, in every order that the double can run them. */
@WithDriverDouble
class KernelFeatureTest {
  private DriverDouble driver;
  private JCudaDevice device;

  @BeforeEach
  void open(DriverDouble driver) {
    this.driver = driver;
    driver.setCapability(9, 0);
    device = new JCudaDevice();
  }

  @AfterEach
  void close() {
    if (device != null) {
      device.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5})
  void reductionsAreTheSameInEveryOrder(long seed) {
    driver.setSchedule(seed);
    var random = new Random(7);
    float[] x = new float[3 * 256];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    CUdeviceptr y = device.allocate(36);
    JCudaDevice.check(device.launch("test_reductions", 3, 256, device.floats(x), y));

    assertArrayEquals(reduced(x, 256), device.readFloats(y, 9));
  }

  @Test
  void aMaximumOfNanIsNanAndZerosHaveTheirSigns() {
    float[] x = new float[64];
    for (int i = 0; i < 32; i++) {
      x[i] = i % 2 == 0 ? -0f : 0f;
    }
    x[33] = Float.NaN;
    CUdeviceptr y = device.allocate(24);
    JCudaDevice.check(device.launch("test_reductions", 2, 32, device.floats(x), y));

    assertArrayEquals(
        new float[] {0, 0f, -0f, Float.NaN, Float.NaN, Float.NaN}, device.readFloats(y, 6));
  }

  /** Lanes 16, 8, 4, 2, 1 apart, then the warps in order, as device.cuh says. */
  private static float[] reduced(float[] x, int threads) {
    int blocks = x.length / threads;
    float[] y = new float[3 * blocks];
    for (int block = 0; block < blocks; block++) {
      float sum = 0;
      float largest = Float.NEGATIVE_INFINITY;
      float smallest = Float.POSITIVE_INFINITY;
      for (int warp = 0; warp < threads / 32; warp++) {
        float[] lanes = new float[32];
        System.arraycopy(x, block * threads + 32 * warp, lanes, 0, 32);
        for (float lane : lanes) {
          largest = Math.max(largest, lane);
          smallest = Math.min(smallest, lane);
        }
        for (int offset = 16; offset > 0; offset /= 2) {
          for (int lane = 0; lane < offset; lane++) {
            lanes[lane] += lanes[lane + offset];
          }
        }
        sum = warp == 0 ? lanes[0] : sum + lanes[0];
      }
      y[3 * block] = sum;
      y[3 * block + 1] = largest;
      y[3 * block + 2] = smallest;
    }
    return y;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void lanesExchangeAsOnAChip(long seed) {
    driver.setSchedule(seed);
    int[] x = new int[32];
    for (int i = 0; i < 32; i++) {
      x[i] = 100 + i;
    }
    CUdeviceptr y = device.allocate(6 * 128);
    JCudaDevice.check(device.launch("test_exchanges", 1, 32, device.ints(x), y));
    int[] found = device.readInts(y, 192);

    for (int lane = 0; lane < 32; lane++) {
      assertEquals(103, found[lane], "from lane 3");
      assertEquals(100 + Math.max(0, lane - 1), found[32 + lane] + (lane == 0 ? 0 : 0), "up");
      assertEquals(100 + Math.min(31, lane + 1), found[64 + lane], "down");
      assertEquals(100 + (lane ^ 1), found[96 + lane], "xor");
      assertEquals(0xaaaaaaaa, found[128 + lane], "ballot");
      assertEquals(100 + (lane % 8 == 7 ? lane : lane + 1), found[160 + lane], "down in eights");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void theBlocksOfAClusterReadEachOther(long seed) {
    driver.setSchedule(seed);
    CUdeviceptr y = device.allocate(16 * 256 * 4);
    JCudaDevice.check(device.launch("test_cluster", 16, 256, y, 3));

    for (float value : device.readFloats(y, 16 * 256)) {
      assertEquals(4.5f, value);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void theBlocksOfAClusterSendToEachOther(long seed) {
    driver.setSchedule(seed);
    CUdeviceptr y = device.allocate(16 * 32 * 4);
    JCudaDevice.check(device.launch("test_signals", 16, 32, y, 5));

    for (float value : device.readFloats(y, 16 * 32)) {
      assertEquals(4.5f, value);
    }
  }

  @Test
  void sixteenBytesAreSentAtOnce() {
    CUdeviceptr y = device.allocate(256 * 4);
    JCudaDevice.check(device.launch("test_sends_of_four", 2, 32, y));

    float[] found = device.readFloats(y, 256);
    for (int i = 0; i < found.length; i++) {
      assertEquals(i % 128, found[i]);
    }
  }

  @Test
  void aGridThatIsNoMultipleOfTheClusterIsRefused() {
    int status = device.launch("test_cluster", 12, 256, device.allocate(16 * 256 * 4), 3);

    assertEquals(912, status);
    assertEquals(
        "a grid of 12x1x1 blocks is no multiple of the cluster of 8x1x1",
        JCudaDevice.message(status));
  }

  @Test
  void aChipWithoutClustersRefusesThem() {
    driver.setCapability(7, 5);

    assertEquals(912, device.launch("test_cluster", 8, 256, device.allocate(8 * 256 * 4), 3));
  }

  @Test
  void dynamicSharedMemoryIsAsLargeAsTheLaunchSays() {
    CUdeviceptr x = device.floats(1, 2, 3, 4, 5, 6, 7, 8);
    CUfunction function = device.function("test_dynamic_shared");
    JCudaDevice.check(device.launch(null, function, 2, 4, 16, x));
    assertArrayEquals(new float[] {4, 3, 2, 1, 8, 7, 6, 5}, device.readFloats(x, 8));

    JCudaDevice.check(device.launch(null, function, 2, 4, 12, x));
    int status = JCudaDriver.cuCtxSynchronize();

    assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, status);
    assertEquals(
        "kernel test_dynamic_shared, block (0, 0, 0), thread (3, 0, 0): writes 4 bytes of shared"
            + " memory 0 bytes past the end of the dynamic array of 12 bytes",
        JCudaDevice.message(status));
  }

  @Test
  void moreThan48KilobytesMustBeAskedFor() {
    CUdeviceptr x = device.floats(new float[32]);
    CUfunction function = device.function("test_dynamic_shared");
    int bytes = 100 << 10;
    assertEquals(CUresult.CUDA_ERROR_INVALID_VALUE, device.launch(null, function, 1, 32, bytes, x));

    int attribute = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
    JCudaDevice.check(JCudaDriver.cuFuncSetAttribute(function, attribute, bytes));
    JCudaDevice.check(device.launch(null, function, 1, 32, bytes, x));

    assertEquals(
        CUresult.CUDA_ERROR_INVALID_VALUE,
        JCudaDriver.cuFuncSetAttribute(function, attribute, (227 << 10) + 1));
    var blocks = new int[1];
    JCudaDevice.check(
        JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, 128, bytes));
    assertEquals(2, blocks[0]);
  }

  @Test
  void atomicsCountAndTheFirstIndexOutOfRangeIsKept() {
    CUdeviceptr counts = device.ints(0, 0, 0, 0);
    CUdeviceptr fault = device.ints(0, 0, 0, 0);
    JCudaDevice.check(device.launch("test_counts", 2, 64, counts, fault, 60));

    assertArrayEquals(new int[] {32, 32, 32, 32}, device.readInts(counts, 4));
    assertArrayEquals(new int[] {1, 60, 60, 0}, device.readInts(fault, 4));
  }

  @Test
  void theDeviceIsWhatTheTestSays() {
    assertEquals(132, multiprocessors());
    driver.setCapability(7, 5);
    assertEquals(40, multiprocessors());
  }

  private static int multiprocessors() {
    var device = new CUdevice();
    JCudaDevice.check(JCudaDriver.cuDeviceGet(device, 0));
    var value = new int[1];
    JCudaDevice.check(
        JCudaDriver.cuDeviceGetAttribute(
            value, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device));
    return value[0];
  }
}
