/** The command line: one class a command, and what they share. */
@NullMarked
package dev.impromptu.examples.cli;

import org.jspecify.annotations.NullMarked;
