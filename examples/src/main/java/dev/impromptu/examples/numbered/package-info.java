/** Numbered examples to read one after the other; each is run by the build. */
@NullMarked
package dev.impromptu.examples.numbered;

import org.jspecify.annotations.NullMarked;
