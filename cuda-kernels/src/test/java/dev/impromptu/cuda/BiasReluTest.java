package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.impromptu.cuda.driver.DeviceMemory;
import dev.impromptu.cuda.driver.DriverContext;
import dev.impromptu.cuda.driver.TestDriver;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BiasReluTest {
  private DriverContext context;
  private ElementwiseKernels kernels;

  @BeforeEach
  void open() {
    context = TestDriver.open();
    kernels = new ElementwiseKernels(context);
  }

  @AfterEach
  void close() {
    if (context != null) {
      kernels.close();
      context.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1, 7",
    "7, 1",
    "1, 255",
    "1, 256",
    "257, 1",
    "1, 257",
    "8, 125",
    "1000, 1",
    "4099, 257"
  })
  void equalsPlainJavaToTheBit(int rows, int channels) {
    var random = new Random(31L * rows + channels);
    float[] x = gaussians(random, rows * channels);
    float[] bias = gaussians(random, channels);

    assertArrayEquals(plain(x, bias), onDevice(x, bias, rows, channels));
  }

  @Test
  void nanStaysNan() {
    float[] x = {Float.NaN, -1, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 2};
    float[] bias = {0, 0, 0, 0, -3};

    assertArrayEquals(
        new float[] {Float.NaN, 0, Float.POSITIVE_INFINITY, 0, 0}, onDevice(x, bias, 1, 5));
  }

  @Test
  void mayWriteWhereItReads() {
    var random = new Random(5);
    float[] x = gaussians(random, 33 * 9);
    float[] bias = gaussians(random, 9);
    float[] y = new float[x.length];
    try (DeviceMemory memory = upload(x);
        DeviceMemory biasMemory = upload(bias)) {
      kernels.biasRelu(memory, biasMemory, memory, 33, 9);
      memory.download(y);
    }

    assertArrayEquals(plain(x, bias), y);
  }

  private float[] onDevice(float[] x, float[] bias, int rows, int channels) {
    float[] y = new float[x.length];
    try (DeviceMemory xMemory = upload(x);
        DeviceMemory biasMemory = upload(bias);
        DeviceMemory yMemory = context.allocate((long) Float.BYTES * y.length)) {
      kernels.biasRelu(xMemory, biasMemory, yMemory, rows, channels);
      yMemory.download(y);
    }
    return y;
  }

  private DeviceMemory upload(float[] values) {
    DeviceMemory memory = context.allocate((long) Float.BYTES * values.length);
    memory.upload(values);
    return memory;
  }

  private static float[] plain(float[] x, float[] bias) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      float sum = x[i] + bias[i % bias.length];
      y[i] = sum < 0 ? 0 : sum;
    }
    return y;
  }

  private static float[] gaussians(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
