/** A long run that shows whether speed and memory stay as they are. */
@NullMarked
package dev.impromptu.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
