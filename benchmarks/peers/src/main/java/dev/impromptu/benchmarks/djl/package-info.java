/** The pieces of work as PyTorch does them, called through the Deep Java Library. */
@NullMarked
package dev.impromptu.benchmarks.djl;

import org.jspecify.annotations.NullMarked;
