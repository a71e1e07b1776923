package dev.impromptu.cuda.driverdouble;

import dev.impromptu.cuda.driverdouble.DriverDouble.Holdings;
import dev.impromptu.cuda.driverdouble.WithDriverDouble.Leaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Does what {@link WithDriverDouble} promises. */
public final class DriverDoubleExtension
    implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(DriverDoubleExtension.class);

  @Override
  public void beforeEach(ExtensionContext test) {
    DriverDouble.find()
        .ifPresent(
            driver -> {
              driver.reset();
              test.getStore(NAMESPACE).put(Holdings.class, driver.holdings());
            });
  }

  @Override
  public void afterEach(ExtensionContext test) {
    DriverDouble.find()
        .ifPresent(
            driver -> {
              List<String> faults = new ArrayList<>();
              String damage = driver.damage();
              if (!damage.isEmpty()) {
                faults.add("device memory is damaged: " + damage);
              }
              Holdings before = test.getStore(NAMESPACE).get(Holdings.class, Holdings.class);
              faults.addAll(leaks(leaksOf(test), before, driver.holdings()));
              String allocations = driver.describeAllocations();
              driver.reset();
              if (!faults.isEmpty()) {
                throw new AssertionError(
                    "After the test: " + String.join("; ", faults) + "\n" + allocations);
              }
            });
  }

  private static Leaks leaksOf(ExtensionContext test) {
    for (var context = Optional.of(test); context.isPresent(); ) {
      var found =
          AnnotationSupport.findAnnotation(context.get().getElement(), WithDriverDouble.class);
      if (found.isPresent()) {
        return found.get().leaks();
      }
      context = context.get().getParent();
    }
    return Leaks.NONE;
  }

  static List<String> leaks(Leaks allowed, Holdings before, Holdings after) {
    List<String> faults = new ArrayList<>();
    if (allowed == Leaks.ANY) {
      return faults;
    }
    if (allowed == Leaks.NONE && after.dropped() > 0) {
      faults.add(after.dropped() + " allocations were not freed before their context ended");
    }
    compare(faults, "allocations of device memory", before.allocations(), after.allocations());
    compare(faults, "allocations of page-locked memory", before.pageLocked(), after.pageLocked());
    compare(faults, "streams", before.streams(), after.streams());
    compare(faults, "events", before.events(), after.events());
    compare(faults, "graphs", before.graphs(), after.graphs());
    compare(faults, "handles of libraries", before.handles(), after.handles());
    compare(faults, "descriptors of cuDNN", before.descriptors(), after.descriptors());
    compare(faults, "references to the context", before.contexts(), after.contexts());
    return faults;
  }

  private static void compare(List<String> faults, String what, long before, long after) {
    if (after > before) {
      faults.add(after - before + " " + what + " were not given back");
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == DriverDouble.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    return DriverDouble.find()
        .orElseThrow(
            () -> new TestAbortedException("This needs the driver double, which was not found"));
  }
}
