package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.impromptu.backend.BackendProvider;
import dev.impromptu.backend.BackendUnavailableException;
import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import dev.impromptu.tensor.Device;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CudaProviderTest {
  @Test
  void itIsFoundAndPreferred() {
    List<BackendProvider> providers = Device.providers();
    BackendProvider cuda =
        providers.stream().filter(p -> p.name().equals("cuda")).findFirst().orElseThrow();

    assertTrue(providers.stream().allMatch(p -> p == cuda || p.rank() < cuda.rank()));
  }

  @Test
  void aDeviceIsOpenedByItsNameOnceForEachPrecision() {
    TestDriver.open().close();
    try (Device exact = Device.named("cuda");
        Device rounded = Device.named("cuda", Precision.TF32)) {
      assertSame(exact, Device.named("cuda"));
      assertEquals("cuda", exact.toString());
      assertEquals("cuda (tf32)", rounded.toString());
    }
  }

  @Test
  void theDescriptionNamesChipDriverAndWhatRunsEachOperation() {
    TestDriver.open().close();
    try (Device device = Device.named("cuda")) {
      List<String> lines = device.backend().description();

      assertEquals(6, lines.size());
      assertTrue(lines.get(0).matches(".*, sm_\\d+, \\d+ multiprocessors, .* free"), lines.get(0));
      assertTrue(lines.get(1).matches("driver: CUDA \\d+\\.\\d"), lines.get(1));
      assertTrue(
          lines
              .get(2)
              .matches(
                  "products: cuBLAS .*, in fp32, where there are more than 8 rows and 1048576"
                      + " multiplications or more; own kernel, in fp32, for smaller ones"),
          lines.get(2));
      assertTrue(lines.get(3).startsWith("cuDNN: "), lines.get(3));
      assertTrue(lines.get(4).startsWith("lstm: one launch"), lines.get(4));
      assertEquals("convolution: own kernels, in fp32", lines.get(5));
    }
  }

  @Test
  void onlyCublasMultipliesInOtherPrecisions() {
    assertEquals(Set.of(Precision.values()), new CudaProvider().precisions());
    System.setProperty("impromptu.cuda.products", "kernel");
    try {
      assertEquals(Set.of(Precision.FP32), new CudaProvider().precisions());
    } finally {
      System.clearProperty("impromptu.cuda.products");
    }
  }

  @Test
  void anOlderChipIsRefusedAndLeavesNothing() {
    DriverDouble driver = requireDouble();
    DriverDouble.Holdings before = driver.holdings();
    driver.setCapability(7, 0);
    try {
      var e =
          assertThrows(
              BackendUnavailableException.class, () -> new CudaProvider().open(Precision.FP32));

      assertTrue(e.getMessage().contains("7.0, but the kernels need 7.5"), e.getMessage());
      assertEquals(before, driver.holdings());
    } finally {
      driver.setCapability(7, 5);
    }
  }

  @Test
  void anOpeningThatFailsLeavesNothing() {
    DriverDouble driver = requireDouble();
    assumeTrue(Cudnn.whyMissing().isEmpty(), "This needs cuDNN or its stand-in");
    DriverDouble.Holdings before = driver.holdings();
    System.setProperty("impromptu.cuda.lstm", "cudnn");
    try {
      for (String call : List.of("cublasCreate", "cublasSetStream", "cudnnCreate")) {
        driver.failNext(call, 1);
        assertThrows(
            BackendUnavailableException.class, () -> new CudaProvider().open(Precision.FP32), call);
        assertEquals(before, driver.holdings(), call);
      }
    } finally {
      System.clearProperty("impromptu.cuda.lstm");
    }
  }

  private static DriverDouble requireDouble() {
    TestDriver.open().close();
    DriverDouble driver = DriverDouble.find().orElse(null);
    assumeTrue(driver != null, "This needs the stand-in driver");
    return driver;
  }
}
