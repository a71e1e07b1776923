package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.cuda.driverdouble.WithDriverDouble;
import dev.impromptu.cuda.driverdouble.WithDriverDouble.Leaks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the stand-in driver notices, and that it arrives as an exception that says so. */
@WithDriverDouble(leaks = Leaks.FREED_WITH_CONTEXT)
class DriverDoubleTest {
  private static final int OUT_OF_MEMORY = 2;
  private static final int ILLEGAL_ADDRESS = 700;

  private DriverContext context;

  @BeforeEach
  void open() {
    context = TestDriver.openDouble();
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  @Test
  void aWriteOutOfBoundsNamesTheKernelAndTheMemory() throws IOException {
    DeviceMemory memory = context.allocate(1000 * Float.BYTES);
    DeviceMemory source = context.allocate(1007 * Float.BYTES);
    source.upload(new float[1007]);
    affine()
        .launch(
            LaunchShape.covering(1007),
            new KernelArguments()
                .add(1f)
                .add(0.1f)
                .add(source.span(0, source.bytes()))
                .add(memory.span(0, memory.bytes()))
                .add(1007));

    var e = assertThrows(CudaException.class, context::synchronize);

    assertEquals(ILLEGAL_ADDRESS, e.code());
    assertTrue(
        e.getMessage().contains("kernel affine, block (0, 0, 0), thread (250, 0, 0): writes"),
        e.getMessage());
    assertTrue(
        e.getMessage().contains("0 bytes past the end of an allocation of 4000 bytes"),
        e.getMessage());
  }

  @Test
  void afterAWriteOutOfBoundsAFreshContextWorks() throws IOException {
    aWriteOutOfBoundsNamesTheKernelAndTheMemory();
    assertThrows(CudaException.class, () -> context.allocate(4));
    context.close();

    context = TestDriver.openDouble();

    context.allocate(4).upload(new float[] {1});
  }

  @Test
  void aFailureNamesTheCallItsArgumentsAndTheCode() {
    TestDriver.failNext("cuMemAlloc", OUT_OF_MEMORY);

    var e = assertThrows(CudaException.class, () -> context.allocate(4096));

    assertEquals(OUT_OF_MEMORY, e.code());
    assertEquals(
        "cuMemAlloc(bytes 4096): CUDA_ERROR_OUT_OF_MEMORY (2): asked for by the test"
            + " [Impromptu driver double, 2.0 GiB of 2.0 GiB free]",
        e.getMessage());
  }

  @Test
  void aFailureStrikesOnce() {
    TestDriver.failNext("cuMemAlloc", OUT_OF_MEMORY);
    assertThrows(CudaException.class, () -> context.allocate(4096));

    context.allocate(4096).close();
  }

  @Test
  void aRefusedLaunchNamesTheKernelAndItsArguments() throws IOException {
    CudaFunction function = affine();
    DeviceMemory memory = context.allocate(28);
    var arguments =
        new KernelArguments()
            .add(2f)
            .add(1f)
            .add(memory.span(0, memory.bytes()))
            .add(memory.span(0, memory.bytes()))
            .add(7);

    var e =
        assertThrows(
            CudaException.class, () -> function.launch(LaunchShape.of(1, 2048), arguments));

    assertEquals(
        "cuLaunchKernel(affine, 1 blocks of 2048 threads, 2.0, 1.0, 28 bytes, 28 bytes, 7):"
            + " CUDA_ERROR_INVALID_VALUE (1): a block has more than 1024 threads"
            + " [Impromptu driver double, 2.0 GiB of 2.0 GiB free]",
        e.getMessage());
  }

  @Test
  void memoryThatNothingWroteIsNan() {
    float[] values = new float[3];
    context.allocate(12).download(values);

    for (float value : values) {
      assertTrue(Float.isNaN(value));
    }
  }

  @Test
  void ptxOfATooNewVersionIsRefused() {
    var e =
        assertThrows(
            CudaException.class, () -> context.load(".version 9.0\n.target sm_75\n").close());

    assertTrue(e.getMessage().contains("CUDA_ERROR_UNSUPPORTED_PTX_VERSION"), e.getMessage());
  }

  private CudaFunction affine() throws IOException {
    try (var ptx =
        CudaDriver.class.getResourceAsStream("/dev/impromptu/cuda/sm_75/elementwise.ptx")) {
      String text = new String(ptx.readAllBytes(), StandardCharsets.UTF_8);
      return context.load(text).function("affine");
    }
  }
}
