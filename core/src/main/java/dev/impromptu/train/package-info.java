/** The training loop, what it measures and who listens to it. */
@NullMarked
package dev.impromptu.train;

import org.jspecify.annotations.NullMarked;
