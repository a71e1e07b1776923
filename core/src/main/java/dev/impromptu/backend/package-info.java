/**
 * What a device must be able to do: storage, the families of operations, and how backends are
 * found.
 */
@NullMarked
package dev.impromptu.backend;

import org.jspecify.annotations.NullMarked;
