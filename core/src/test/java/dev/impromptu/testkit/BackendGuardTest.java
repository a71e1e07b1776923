package dev.impromptu.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.StepValues;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.optim.RMSProp;
import dev.impromptu.optim.SGD;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** No backend method goes untested: the cases below call every one of them. */
class BackendGuardTest {
  private final Set<String> called = new TreeSet<>();

  @Test
  void theOpCasesAndAnOptimizerStepCallEveryBackendMethod() {
    Device device = Device.of(recording(Device.reference().backend()));
    try (var _ = Scope.open()) {
      OpCases.differentiable().forEach(opCase -> run(opCase, device));
      OpCases.withoutGradient().forEach(opCase -> run(opCase, device));
      var layer = new Linear(device, 2, 1, new PhiloxRandom(1));
      var adam = new Adam(layer, 1e-3, 1);
      var weight = Module.parameters(layer).get("weight").value();
      var optimizers =
          List.of(
              adam, new SGD(layer, SGD.Settings.of(1)), new RMSProp(layer, RMSProp.Settings.of(1)));
      optimizers.forEach(each -> each.step(weight.times(weight).sum().backward()));
      weight.toFloatArray();
      device.backend().record(new StepValues(1, adam.upcoming()), () -> {});
    }
    device.close();
    Set<String> all =
        Arrays.stream(Backend.class.getDeclaredMethods())
            .map(BackendGuardTest::signature)
            .collect(Collectors.toCollection(TreeSet::new));
    // What people read, not what computes.
    all.removeIf(method -> method.startsWith("name(") || method.startsWith("description("));
    called.removeIf(method -> method.startsWith("name(") || method.startsWith("description("));
    assertEquals(all, called);
  }

  private static void run(OpCase opCase, Device device) {
    try (var _ = Scope.open()) {
      var outputs = opCase.function().apply(opCase.inputsOn(device));
      outputs.forEach(
          output -> {
            switch (output.dtype()) {
              case FLOAT32 -> output.toDoubleArray();
              case INT32 -> output.toIntArray();
            }
          });
      if (outputs.getFirst().isTracked()) {
        OpCase.judge(outputs).backward();
      }
    }
  }

  private Backend recording(Backend backend) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              called.add(signature(method));
              if (method.getName().equals("close")) {
                return null;
              }
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
