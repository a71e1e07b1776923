package dev.impromptu.cuda;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  @Test
  void onlyTheDriverPackageNamesJCuda() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.impromptu.cuda.driver..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jcuda..")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.impromptu.cuda"));
  }
}
