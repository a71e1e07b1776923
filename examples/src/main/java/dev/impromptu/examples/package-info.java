/** The program: its entry point. */
@NullMarked
package dev.impromptu.examples;

import org.jspecify.annotations.NullMarked;
