/** What is timed, and how: one class for each workload, run by {@code ./impromptu bench}. */
@NullMarked
package dev.impromptu.benchmarks;

import org.jspecify.annotations.NullMarked;
