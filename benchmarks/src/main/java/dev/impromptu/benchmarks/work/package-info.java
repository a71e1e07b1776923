/** The pieces of work that are timed, as Impromptu does them. */
@NullMarked
package dev.impromptu.benchmarks.work;

import org.jspecify.annotations.NullMarked;
