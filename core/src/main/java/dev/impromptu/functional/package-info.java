/** The differentiable operations that layers are made of, each one file. */
@NullMarked
package dev.impromptu.functional;

import org.jspecify.annotations.NullMarked;
