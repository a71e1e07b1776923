package dev.impromptu.benchmarks.soak;

import dev.impromptu.benchmarks.compare.OtherLoad;
import java.util.Locale;

/**
 * What one stretch of a long run was like.
 *
 * @param seconds since the run began, at the end of the stretch
 * @param windowsPerSecond learned in the stretch
 * @param heapMiB that Java's objects took, garbage included
 * @param residentMiB that the process took of the machine's memory
 * @param otherLoad processors that others took meanwhile
 */
record Sample(
    double seconds, double windowsPerSecond, double heapMiB, double residentMiB, double otherLoad) {
  static final String HEADER = "seconds,windows_per_second,heap_mib,resident_mib,other_load";

  boolean isQuiet() {
    return otherLoad <= OtherLoad.MOST;
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%.1f,%.1f,%.1f,%.1f,%.2f",
        seconds,
        windowsPerSecond,
        heapMiB,
        residentMiB,
        otherLoad);
  }
}
