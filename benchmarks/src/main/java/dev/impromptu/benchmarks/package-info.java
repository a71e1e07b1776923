/** JMH benchmarks; each checks its result before it is timed. */
@NullMarked
package dev.impromptu.benchmarks;

import org.jspecify.annotations.NullMarked;
