/** Layers and the modules made of them. */
@NullMarked
package dev.impromptu.nn;

import org.jspecify.annotations.NullMarked;
