package dev.impromptu.music;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Dependencies between packages only point down. */
class ArrowsTest {
  private static final JavaClasses MUSIC =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPath(Path.of("target/classes"));

  @Test
  void eachFloorUsesOnlyTheFloorsBelow() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.impromptu.music..")
        .layer("train")
        .definedBy("dev.impromptu.music.train")
        .layer("model")
        .definedBy("dev.impromptu.music.model")
        .layer("data")
        .definedBy("dev.impromptu.music.data")
        .layer("readers")
        .definedBy("dev.impromptu.music.midi", "dev.impromptu.music.songbook")
        .layer("token")
        .definedBy("dev.impromptu.music.token")
        .layer("sample")
        .definedBy("dev.impromptu.music.sample")
        .layer("originality")
        .definedBy("dev.impromptu.music.originality")
        .layer("render")
        .definedBy("dev.impromptu.music.render")
        .layer("tools")
        .definedBy("dev.impromptu.music.tools")
        .layer("score")
        .definedBy("dev.impromptu.music.score")
        .whereLayer("train")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("model")
        .mayOnlyBeAccessedByLayers("train")
        .whereLayer("data")
        .mayOnlyBeAccessedByLayers("model", "train")
        .whereLayer("readers")
        .mayOnlyBeAccessedByLayers("data", "train")
        .whereLayer("token")
        .mayOnlyBeAccessedByLayers("data", "sample", "originality", "train")
        .whereLayer("originality")
        .mayOnlyBeAccessedByLayers("train")
        .whereLayer("sample")
        .mayOnlyBeAccessedByLayers("originality", "model", "train")
        .whereLayer("tools")
        .mayOnlyBeAccessedByLayers("data")
        .whereLayer("render")
        .mayOnlyBeAccessedByLayers("train")
        .check(MUSIC);
  }

  @Test
  void onlyRenderAndToolsUseJMusic() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.impromptu.music.render", "dev.impromptu.music.tools")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jm..")
        .check(MUSIC);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.impromptu.music.(*)..").should().beFreeOfCycles().check(MUSIC);
  }
}
