/**
 * Impromptu's work timed in turns with another library's, run by {@code ./impromptu bench --peers}.
 */
@NullMarked
package dev.impromptu.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
