/**
 * The processor as a device: {@code float[]} storage, a small team of threads, kernels on the
 * Vector API with a scalar twin beside each, and OpenBLAS for large products where it is found.
 */
@NullMarked
package dev.impromptu.backend.cpu;

import org.jspecify.annotations.NullMarked;
