package dev.impromptu.cuda.driverdouble;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which PTX a driver of CUDA 12.1 or 12.0 takes. */
@WithDriverDouble
class PtxTest {
  private DriverDouble driver;
  private JCudaDevice device;

  @BeforeEach
  void open(DriverDouble driver) {
    this.driver = driver;
    driver.setCapability(7, 5);
    device = new JCudaDevice();
  }

  @AfterEach
  void close() {
    if (device != null) {
      device.close();
    }
  }

  private static int load(String version, String target) {
    return JCudaDriver.cuModuleLoadData(
        new CUmodule(), ".version " + version + "\n.target " + target + "\n.address_size 64\n");
  }

  @Test
  void ptxUpToVersion8IsRead() {
    assertEquals(CUresult.CUDA_SUCCESS, load("6.4", "sm_75"));
    assertEquals(CUresult.CUDA_SUCCESS, load("8.0", "sm_75"));
    int status = load("9.0", "sm_75");

    assertEquals(CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION, status);
    assertEquals(
        "the image is PTX 9.0, newer than a driver of CUDA 12.1 reads (8.1)",
        JCudaDevice.message(status));
  }

  @Test
  void anOlderDriverReadsOlderPtx() {
    assertEquals(CUresult.CUDA_SUCCESS, load("8.1", "sm_75"));
    driver.setDriverVersion(12_000);

    assertEquals(CUresult.CUDA_SUCCESS, load("8.0", "sm_75"));
    int status = load("8.1", "sm_75");
    assertEquals(CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION, status);
    assertEquals(
        "the image is PTX 8.1, newer than a driver of CUDA 12.0 reads (8.0)",
        JCudaDevice.message(status));
  }

  @Test
  void ptxForANewerChipIsRefused() {
    int status = load("8.0", "sm_90");
    assertEquals(CUresult.CUDA_ERROR_INVALID_PTX, status);
    assertEquals("the image is for sm_90, but the device is sm_75", JCudaDevice.message(status));

    driver.setCapability(9, 0);
    assertEquals(CUresult.CUDA_SUCCESS, load("8.0", "sm_90"));
  }

  @Test
  void aKernelThatTheDoubleWasNotBuiltWithIsNamed() {
    var module = new CUmodule();
    JCudaDevice.check(JCudaDriver.cuModuleLoadData(module, DriverDouble.ptx("nonesuch")));
    int status = JCudaDriver.cuModuleGetFunction(new CUfunction(), module, "nonesuch");

    assertEquals(CUresult.CUDA_ERROR_NOT_FOUND, status);
    assertTrue(
        JCudaDevice.message(status).contains("no .cu file that the double was built from"),
        JCudaDevice.message(status));
  }

  @Test
  void aFunctionEndsWithItsModule() {
    var module = new CUmodule();
    JCudaDevice.check(JCudaDriver.cuModuleLoadData(module, DriverDouble.ptx("test_add_one")));
    var function = new CUfunction();
    JCudaDevice.check(JCudaDriver.cuModuleGetFunction(function, module, "test_add_one"));
    JCudaDevice.check(JCudaDriver.cuModuleUnload(module));

    assertEquals(
        CUresult.CUDA_ERROR_INVALID_HANDLE,
        device.launch(null, function, 1, 1, 0, device.floats(1), 1));
  }
}
