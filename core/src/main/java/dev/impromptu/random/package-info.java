/** Counter-based random numbers: the same seed gives the same numbers on every machine. */
@NullMarked
package dev.impromptu.random;

import org.jspecify.annotations.NullMarked;
