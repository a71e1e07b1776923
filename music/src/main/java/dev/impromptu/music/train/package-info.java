/** Training a composer from pieces to a model directory, and opening what was trained. */
@NullMarked
package dev.impromptu.music.train;

import org.jspecify.annotations.NullMarked;
