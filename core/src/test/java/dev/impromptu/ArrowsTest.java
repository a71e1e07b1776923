package dev.impromptu;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Dependencies between packages only point down. */
class ArrowsTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPath(Path.of("target/classes"));

  @Test
  void eachFloorUsesOnlyTheFloorsBelow() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.impromptu..")
        .layer("train")
        .definedBy("dev.impromptu.train")
        .layer("io")
        .definedBy("dev.impromptu.io")
        .layer("optim")
        .definedBy("dev.impromptu.optim")
        .layer("nn")
        .definedBy("dev.impromptu.nn")
        .layer("testkit")
        .definedBy("dev.impromptu.testkit")
        .layer("functional")
        .definedBy("dev.impromptu.functional")
        .layer("data")
        .definedBy("dev.impromptu.data")
        .layer("tensor")
        .definedBy("dev.impromptu.tensor")
        .layer("backends")
        .definedBy("dev.impromptu.backend.cpu", "dev.impromptu.backend.reference")
        .layer("backend")
        .definedBy("dev.impromptu.backend")
        .layer("random")
        .definedBy("dev.impromptu.random")
        .whereLayer("train")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("testkit")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("io")
        .mayOnlyBeAccessedByLayers("train")
        .whereLayer("optim")
        .mayOnlyBeAccessedByLayers("train", "io")
        .whereLayer("nn")
        .mayOnlyBeAccessedByLayers("train", "io", "optim")
        .whereLayer("functional")
        .mayOnlyBeAccessedByLayers("train", "nn", "testkit")
        .whereLayer("data")
        .mayOnlyBeAccessedByLayers("train")
        .whereLayer("backends")
        .mayNotBeAccessedByAnyLayer()
        .check(CORE);
  }

  @Test
  void theBackendInterfaceUsesNothing() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage("dev.impromptu.backend")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.impromptu.tensor", "dev.impromptu.backend.*", "dev.impromptu.random")
        .check(CORE);
  }

  @Test
  void backendsKnowNothingOfTensors() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage("dev.impromptu.backend..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.impromptu.tensor")
        .check(CORE);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.impromptu.(**)").should().beFreeOfCycles().check(CORE);
  }
}
