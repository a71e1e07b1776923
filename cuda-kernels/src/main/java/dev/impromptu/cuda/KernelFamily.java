package dev.impromptu.cuda;

import dev.impromptu.cuda.driver.CudaFunction;
import dev.impromptu.cuda.driver.CudaModule;
import dev.impromptu.cuda.driver.DevicePool;
import dev.impromptu.cuda.driver.DeviceSpan;
import dev.impromptu.cuda.driver.DriverContext;
import dev.impromptu.cuda.driver.KernelArguments;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of one {@code .cu} file on one device, compiled at their first use. Every launch is
 * compared with the parameters that the PTX declares, since CUDA itself would read whatever stands
 * there.
 */
final class KernelFamily {
  private final DriverContext context;
  private final DevicePool pool;
  private final String name;
  private final Map<String, Kernel> kernels = new HashMap<>();
  private @Nullable String ptx;
  private @Nullable CudaModule module;

  private record Kernel(CudaFunction function, List<PtxParameters.Kind> parameters) {}

  KernelFamily(DriverContext context, DevicePool pool, String name) {
    this.context = context;
    this.pool = pool;
    this.name = name;
  }

  /**
   * Launches a kernel.
   *
   * @param arguments in the order of the kernel's parameters: a {@link CudaStorage} or {@link
   *     DeviceSpan} for a pointer, null for a null pointer, an Integer or a Float
   */
  void launch(String kernel, LaunchShape shape, @Nullable Object... arguments) {
    synchronized (context) {
      Kernel found = kernels.computeIfAbsent(kernel, this::load);
      found.function.launch(shape, pack(kernel, found.parameters, arguments));
    }
  }

  /** The kernel by itself, for its attributes. */
  CudaFunction function(String kernel) {
    synchronized (context) {
      return kernels.computeIfAbsent(kernel, this::load).function;
    }
  }

  /** Compiles all kernels, where that was not done yet. */
  void load() {
    synchronized (context) {
      PtxParameters.kernels(ptx()).forEach(kernel -> kernels.computeIfAbsent(kernel, this::load));
    }
  }

  private Kernel load(String kernel) {
    String text = ptx();
    if (module == null) {
      module = pool.withRoom("%s.cu was to be loaded".formatted(name), () -> context.load(text));
    }
    return new Kernel(module.function(kernel), PtxParameters.of(text, kernel));
  }

  private String ptx() {
    if (ptx == null) {
      ptx = Kernels.ptx(name, context.computeCapability());
    }
    return ptx;
  }

  private KernelArguments pack(
      String kernel, List<PtxParameters.Kind> parameters, @Nullable Object[] arguments) {
    if (arguments.length != parameters.size()) {
      throw new IllegalArgumentException(
          "%s.cu, %s: %d arguments were given, expected %d: %s"
              .formatted(name, kernel, arguments.length, parameters.size(), parameters));
    }
    KernelArguments packed = context.arguments();
    for (int i = 0; i < arguments.length; i++) {
      PtxParameters.Kind met =
          switch (arguments[i]) {
            case null -> {
              packed.addNull();
              yield PtxParameters.Kind.POINTER;
            }
            case CudaStorage storage -> {
              packed.add(storage.span());
              yield PtxParameters.Kind.POINTER;
            }
            case DeviceSpan span -> {
              packed.add(span);
              yield PtxParameters.Kind.POINTER;
            }
            case Integer value -> {
              packed.add(value);
              yield PtxParameters.Kind.INT;
            }
            case Float value -> {
              packed.add(value);
              yield PtxParameters.Kind.FLOAT;
            }
            default ->
                throw new IllegalArgumentException(
                    "%s.cu, %s: argument %d is a %s, which no kernel takes"
                        .formatted(name, kernel, i, arguments[i].getClass().getSimpleName()));
          };
      if (met != parameters.get(i)) {
        throw new IllegalArgumentException(
            "%s.cu, %s: argument %d is %s, expected %s of %s"
                .formatted(name, kernel, i, met, parameters.get(i), parameters));
      }
    }
    return packed;
  }
}
