/** The command line and the numbered example trainers. */
@NullMarked
package dev.impromptu.examples;

import org.jspecify.annotations.NullMarked;
