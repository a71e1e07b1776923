/** Tensors, the scopes that own their memory, and the tape that differentiates them. */
@NullMarked
package dev.impromptu.tensor;

import org.jspecify.annotations.NullMarked;
