package dev.impromptu.cuda.driverdouble;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.cuda.driverdouble.DriverDouble.Holdings;
import dev.impromptu.cuda.driverdouble.WithDriverDouble.Leaks;
import java.util.List;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/** What a test left behind, and that the next one is told. */
@WithDriverDouble(leaks = Leaks.FREED_WITH_CONTEXT)
class LeakTest {
  @Test
  void memoryThatWasNotFreedIsALeak(DriverDouble driver) {
    try (var device = new JCudaDevice()) {
      Holdings before = driver.holdings();
      CUdeviceptr lost = device.allocate(100);

      assertEquals(
          List.of("1 allocations of device memory were not given back"),
          DriverDoubleExtension.leaks(Leaks.NONE, before, driver.holdings()));
      assertTrue(
          driver.describeAllocations().matches("allocation \\d+: 100 bytes\n"),
          driver.describeAllocations());
      device.free(lost);
      assertEquals(List.of(), DriverDoubleExtension.leaks(Leaks.NONE, before, driver.holdings()));
    }
  }

  @Test
  void memoryThatItsContextFreedIsALeakToo(DriverDouble driver) {
    Holdings before = driver.holdings();
    var context = new CUcontext();
    var device = new CUdevice();
    JCudaDevice.check(JCudaDriver.cuDeviceGet(device, 0));
    JCudaDevice.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    JCudaDevice.check(JCudaDriver.cuCtxSetCurrent(context));
    JCudaDevice.check(JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4));
    JCudaDevice.check(JCudaDriver.cuDevicePrimaryCtxRelease(device));

    assertEquals(
        List.of("1 allocations were not freed before their context ended"),
        DriverDoubleExtension.leaks(Leaks.NONE, before, driver.holdings()));
    assertEquals(
        List.of(),
        DriverDoubleExtension.leaks(Leaks.FREED_WITH_CONTEXT, before, driver.holdings()));
  }

  @Test
  void aWriteIntoFreedMemoryIsDamage(DriverDouble driver) {
    driver.setAccessChecks(false);
    try (var device = new JCudaDevice()) {
      CUdeviceptr victim = device.allocate(4);
      CUdeviceptr table = device.allocate(8);
      JCudaDevice.check(device.launch("test_address_of", 1, 1, victim, table));
      JCudaDevice.check(JCudaDriver.cuCtxSynchronize());
      device.free(victim);
      assertEquals("", driver.damage());
      JCudaDevice.check(device.launch("test_writes_through", 1, 1, table));
      String message = JCudaDevice.message(JCudaDriver.cuCtxSynchronize());

      assertTrue(
          message.contains("wrote into an allocation of 4 bytes after it was freed"), message);
    }
  }
}
