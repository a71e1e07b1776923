package dev.impromptu.cuda;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BackendProvider;
import dev.impromptu.backend.BackendUnavailableException;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.CudaOptions.Implementation;
import dev.impromptu.cuda.CudaOptions.Products;
import dev.impromptu.cuda.driver.Cublas;
import dev.impromptu.cuda.driver.CudaDriver;
import dev.impromptu.cuda.driver.CudaException;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.DriverContext;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Offers the first NVIDIA graphics card of this machine, as {@link CudaOptions} says; which card is
 * the first, the environment variable {@code CUDA_VISIBLE_DEVICES} decides.
 */
public final class CudaProvider implements BackendProvider {
  private static final int LEAST_CAPABILITY = 75;

  /** What to try where not even the device's own memory is left. */
  private static final String ROOM =
      "; close what else computes on the card (nvidia-smi lists it), or use the CPU";

  /** Needed by {@link java.util.ServiceLoader}. */
  public CudaProvider() {}

  @Override
  public String name() {
    return CudaBackend.NAME;
  }

  @Override
  public int rank() {
    return 100;
  }

  @Override
  public Set<Precision> precisions() {
    return CudaOptions.fromProperties().products() == Products.KERNEL
        ? Set.of(Precision.FP32)
        : Set.of(Precision.values());
  }

  @Override
  public Backend open(Precision precision) {
    try {
      return open(precision, CudaOptions.fromProperties());
    } catch (CudaException e) {
      throw unavailable(e.isOutOfMemory() ? e.getMessage() + ROOM : e.getMessage(), e);
    } catch (OutOfDeviceMemoryException e) {
      throw unavailable(e.getMessage() + ROOM, e);
    }
  }

  private static Backend open(Precision precision, CudaOptions options) {
    CudaDriver driver = CudaDriver.load();
    if (driver.deviceCount() == 0) {
      throw new BackendUnavailableException(
          "CUDA: the driver finds no NVIDIA graphics card; is it hidden by CUDA_VISIBLE_DEVICES?");
    }
    requireLibraries(options);
    DriverContext context = driver.open(0);
    try {
      requireCapability(context);
      return new CudaBackend(new CudaRuntime(context, precision, options), driver.version());
    } catch (RuntimeException e) {
      closeAfter(e, context);
      throw e;
    }
  }

  private static void requireLibraries(CudaOptions options) {
    if (options.products() == Products.CUBLAS) {
      require(
          Cublas.whyMissing(),
          "or multiply with the kernel of this module, -Dimpromptu.cuda.products=kernel");
    }
    if (options.lstm() == Implementation.CUDNN || options.conv() == Implementation.CUDNN) {
      require(
          Cudnn.whyMissing(),
          "or use the kernels of this module, -Dimpromptu.cuda.lstm=kernel and -Dimpromptu.cuda.conv=kernel");
    }
  }

  private static void require(Optional<String> whyMissing, String otherwise) {
    whyMissing.ifPresent(
        reason -> {
          throw new BackendUnavailableException(reason + ", " + otherwise);
        });
  }

  private static void requireCapability(DriverContext context) {
    int capability = context.computeCapability();
    if (capability < LEAST_CAPABILITY) {
      throw new BackendUnavailableException(
          "CUDA: %s has compute capability %d.%d, but the kernels need 7.5 or more (Turing, 2018); use the CPU"
              .formatted(context.deviceName(), capability / 10, capability % 10));
    }
  }

  private static void closeAfter(RuntimeException e, DriverContext context) {
    try {
      context.close();
    } catch (CudaException alsoThis) {
      e.addSuppressed(alsoThis);
    }
  }

  private static BackendUnavailableException unavailable(
      @Nullable String message, RuntimeException cause) {
    var e = new BackendUnavailableException(String.valueOf(message));
    e.initCause(cause);
    return e;
  }
}
