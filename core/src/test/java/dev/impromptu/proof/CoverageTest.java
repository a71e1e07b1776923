package dev.impromptu.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.impromptu.functional.Activations;
import dev.impromptu.functional.Losses;
import dev.impromptu.functional.Softmax;
import dev.impromptu.nn.Dropout;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.Residual;
import dev.impromptu.nn.TCNBlock;
import dev.impromptu.nn.WaveNet;
import dev.impromptu.nn.WaveNetLayer;
import dev.impromptu.optim.GroupedOptimizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing that PyTorch has too goes without a proof. */
class CoverageTest {
  /** Those that PyTorch does not have, and one whose numbers are drawn otherwise there. */
  private static final Set<String> WITHOUT =
      Stream.of(Residual.class, TCNBlock.class, WaveNet.class, WaveNetLayer.class, Dropout.class)
          .map(Class::getName)
          .collect(Collectors.toSet());

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importPaths(Path.of("target/classes"), Path.of("target/test-classes"));

  private static Stream<JavaMember> used() {
    return CLASSES.stream()
        .filter(each -> each.getPackageName().equals("dev.impromptu.proof"))
        .flatMap(each -> each.getAccessesFromSelf().stream())
        .flatMap(access -> access.getTarget().resolveMember().stream());
  }

  private static Set<String> usedClasses() {
    return used().map(member -> member.getOwner().getName()).collect(Collectors.toSet());
  }

  @Test
  void ofLayers() {
    Set<String> missing =
        CLASSES.stream()
            .filter(each -> each.getPackageName().equals("dev.impromptu.nn"))
            .filter(each -> each.isAssignableTo(Module.class) && !each.isInterface())
            .filter(each -> !each.isAnonymousClass())
            .map(JavaClass::getName)
            .filter(name -> !WITHOUT.contains(name))
            .collect(Collectors.toCollection(TreeSet::new));
    missing.removeAll(usedClasses());
    assertEquals(Set.of(), missing);
  }

  @Test
  void ofOptimizers() {
    Set<String> missing =
        Arrays.stream(GroupedOptimizer.class.getPermittedSubclasses())
            .map(Class::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    missing.removeAll(usedClasses());
    assertEquals(Set.of(), missing);
  }

  @Test
  void ofActivationsAndLosses() {
    Set<String> missing =
        Stream.of(Activations.class, Losses.class, Softmax.class)
            .flatMap(each -> CLASSES.get(each).getMethods().stream())
            .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
            .map(JavaMember::getFullName)
            .collect(Collectors.toCollection(TreeSet::new));
    missing.removeAll(used().map(JavaMember::getFullName).toList());
    assertEquals(Set.of(), missing);
  }
}
