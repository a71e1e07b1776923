/**
 * The CUDA driver API, as far as Impromptu uses it: the only package that names JCuda. Every status
 * is checked where it arises and becomes a {@link dev.impromptu.cuda.driver.CudaException}; no
 * caller sees a type or a code of JCuda.
 */
@NullMarked
package dev.impromptu.cuda.driver;

import org.jspecify.annotations.NullMarked;
