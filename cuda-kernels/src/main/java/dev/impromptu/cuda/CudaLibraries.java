package dev.impromptu.cuda;

import dev.impromptu.cuda.CudaOptions.Implementation;
import dev.impromptu.cuda.CudaOptions.Products;
import dev.impromptu.cuda.driver.Cublas;
import dev.impromptu.cuda.driver.CudaException;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.DriverContext;
import java.util.List;
import java.util.Optional;

/** The libraries that the options ask for, and what people are told about the device. */
final class CudaLibraries implements AutoCloseable {
  private final CudaRuntime runtime;
  private final int driverVersion;
  private final Optional<Cublas> cublas;
  private final Optional<Cudnn> cudnn;

  private CudaLibraries(
      CudaRuntime runtime, int driverVersion, Optional<Cublas> cublas, Optional<Cudnn> cudnn) {
    this.runtime = runtime;
    this.driverVersion = driverVersion;
    this.cublas = cublas;
    this.cudnn = cudnn;
  }

  static CudaLibraries open(CudaRuntime runtime, int driverVersion) {
    CudaOptions options = runtime.options();
    DriverContext context = runtime.context();
    Optional<Cublas> cublas =
        options.products() == Products.CUBLAS
            ? Optional.of(
                runtime
                    .pool()
                    .withRoom("cuBLAS was to get its work space", () -> new Cublas(context)))
            : Optional.empty();
    try {
      boolean wanted =
          options.lstm() == Implementation.CUDNN || options.conv() == Implementation.CUDNN;
      return new CudaLibraries(
          runtime,
          driverVersion,
          cublas,
          wanted ? Optional.of(new Cudnn(context)) : Optional.empty());
    } catch (CudaException e) {
      cublas.ifPresent(Cublas::close);
      throw e;
    }
  }

  Optional<Cublas> cublas() {
    return cublas;
  }

  Optional<Cudnn> cudnnForLstm() {
    return runtime.options().lstm() == Implementation.CUDNN ? cudnn : Optional.empty();
  }

  Optional<Cudnn> cudnnForConv() {
    return runtime.options().conv() == Implementation.CUDNN ? cudnn : Optional.empty();
  }

  /** What the device is, its driver, what multiplies, and whether cuDNN could be chosen. */
  List<String> description() {
    DriverContext context = runtime.context();
    return List.of(
        "%s, sm_%d, %d multiprocessors, %s"
            .formatted(
                context.deviceName(),
                context.computeCapability(),
                context.multiprocessors(),
                context.memoryInfo()),
        "driver: CUDA " + version(driverVersion, 1000, 10),
        "products: "
            + cublas
                .map(this::describe)
                .orElse("own kernel, in fp32, as impromptu.cuda.products=kernel says"),
        "cuDNN: "
            + Cudnn.whyMissing()
                .map(reason -> "not used, and not needed: " + reason)
                .orElse("found; impromptu.cuda.lstm=cudnn and impromptu.cuda.conv=cudnn use it"));
  }

  private String describe(Cublas cublas) {
    return "cuBLAS %s, %s, in %s, where there are more than %d rows and %d multiplications or more; own kernel, in fp32, for smaller ones"
        .formatted(
            version(cublas.version(), 10_000, 100),
            cublas.library(),
            runtime.precision().optionName(),
            CudaProducts.MOST_ROWS,
            CudaProducts.LARGE);
  }

  private static String version(int number, int major, int minor) {
    return number / major + "." + number % major / minor;
  }

  /** Before the context, when its work has ended. */
  @Override
  public void close() {
    cudnn.ifPresent(Cudnn::close);
    cublas.ifPresent(Cublas::close);
  }
}
