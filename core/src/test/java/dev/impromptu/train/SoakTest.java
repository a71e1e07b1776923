package dev.impromptu.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Training in steady state keeps nothing: {@link SoakProgram} trains for 2,000 steps, or as many as
 * {@code -Dimpromptu.soak=20000} says, and the second half takes no more memory than the first.
 */
class SoakTest {
  private static final int SHORT = 2_000;

  /** Less than any object and a reference to it; what an epoch's report takes is far below. */
  private static final double BYTES_PER_STEP = 16;

  private static final long NOISE_BYTES = 32 << 10;
  private static final long NOISE_RESIDENT_KIB = 4 << 10;

  /** What the run's second half added. */
  private record Growth(int steps, long liveBytes, long residentKiB) {
    boolean isFlat() {
      return liveBytes <= NOISE_BYTES + BYTES_PER_STEP * steps && residentKiB <= NOISE_RESIDENT_KIB;
    }
  }

  @Test
  void manyStepsOfTrainingTakeNoMoreMemoryThanFew() throws Exception {
    Growth growth = run(Integer.getInteger("impromptu.soak", SHORT));
    assertTrue(growth.isFlat(), growth.toString());
  }

  @Test
  void anObjectKeptFromEachStepIsSeen() throws Exception {
    Growth growth = run(SHORT, "leak");
    assertFalse(growth.isFlat(), growth.toString());
  }

  private static Growth run(int steps, String... more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // A heap that is all there from the beginning, a collector that leaves no garbage,
                // little
                // memory for compiling: what grows is what is kept.
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TLABSize=16k",
                "-XX:-ResizeTLAB",
                "-XX:TieredStopAtLevel=1",
                // Its start-up makes garbage for seconds, while the heap is measured.
                "-Dimpromptu.vector=false",
                "-Dimpromptu.openblas=none",
                "-cp",
                Path.of("target", "classes") + File.pathSeparator + Path.of("target/test-classes"),
                SoakProgram.class.getName(),
                String.valueOf(steps)));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<long[]> samples = new ArrayList<>();
    try (var lines = process.inputReader()) {
      lines
          .lines()
          .forEach(
              line ->
                  samples.add(Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray()));
    }
    assertEquals(0, process.waitFor());
    assertEquals(SoakProgram.SAMPLES, samples.size());
    List<long[]> middle = samples.subList(8, 12);
    List<long[]> end = samples.subList(16, 20);
    return new Growth(
        8 * steps / SoakProgram.SAMPLES,
        least(end, 1) - least(middle, 1),
        least(end, 2) - least(middle, 2));
  }

  /** A measurement may catch garbage in passing, never less than what is kept. */
  private static long least(List<long[]> samples, int column) {
    return samples.stream().mapToLong(sample -> sample[column]).min().orElseThrow();
  }
}
