/** The hand-written CUDA kernels and what loads and launches them. */
@NullMarked
package dev.impromptu.cuda;

import org.jspecify.annotations.NullMarked;
