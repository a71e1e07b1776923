/**
 * The living definition of every operation: plain loops over {@code double[]}, written to be read.
 * The other backends are compared with it.
 */
@NullMarked
package dev.impromptu.backend.reference;

import org.jspecify.annotations.NullMarked;
