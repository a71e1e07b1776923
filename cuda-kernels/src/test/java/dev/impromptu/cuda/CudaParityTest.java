package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.StepValues;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.optim.RMSProp;
import dev.impromptu.optim.SGD;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.testkit.OpCase;
import dev.impromptu.testkit.OpCases;
import dev.impromptu.testkit.ParityCheck;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation agrees with the reference, on a chip of each kind that has kernels of its own;
 * where the driver is a real one, on the chip that is there, twice.
 */
@Tag("parity")
class CudaParityTest {
  @Nested
  class OnTuring extends Parity {
    OnTuring() {
      super(7, 5);
    }
  }

  @Nested
  class OnHopper extends Parity {
    OnHopper() {
      super(9, 0);
    }
  }
}

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Parity {
  private final Set<String> called = new TreeSet<>();
  private final int major;
  private final int minor;
  private Device device;

  Parity(int major, int minor) {
    this.major = major;
    this.minor = minor;
  }

  @BeforeAll
  void open() {
    DriverDouble.find().ifPresent(driver -> driver.setCapability(major, minor));
    TestDriver.open().close();
    device = Device.of(recording(new CudaProvider().open(Precision.FP32)));
  }

  @AfterAll
  void close() {
    if (device != null) {
      device.close();
    }
    DriverDouble.find().ifPresent(DriverDouble::reset);
  }

  static Stream<OpCase> cases() {
    return Stream.concat(OpCases.differentiable().stream(), OpCases.withoutGradient().stream());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(OpCase opCase) {
    ParityCheck.check(opCase, device);
  }

  @Test
  void noBackendMethodGoesUntested() {
    cases().forEach(opCase -> ParityCheck.check(opCase, device));
    try (var _ = Scope.open()) {
      var layer = new Linear(device, 2, 1, new PhiloxRandom(1));
      var adam = new Adam(layer, 1e-3, 1);
      var weight = Module.parameters(layer).get("weight").value();
      var optimizers =
          List.of(
              adam, new SGD(layer, SGD.Settings.of(1)), new RMSProp(layer, RMSProp.Settings.of(1)));
      optimizers.forEach(each -> each.step(weight.times(weight).sum().backward()));
      weight.toFloatArray();
      device.backend().record(new StepValues(1, adam.upcoming()), () -> {}).orElseThrow().close();
    }
    Set<String> all =
        Arrays.stream(Backend.class.getDeclaredMethods())
            .map(Parity::signature)
            .collect(Collectors.toCollection(TreeSet::new));
    // What people read, not what computes; and the end, which comes after this.
    Set<String> others = Set.of("name()", "description()", "close()");
    all.removeAll(others);
    called.removeAll(others);
    assertEquals(all, called);
  }

  private Backend recording(Backend backend) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              called.add(signature(method));
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static String signature(Method method) {
    return Arrays.stream(method.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(Collectors.joining(", ", method.getName() + "(", ")"));
  }
}
