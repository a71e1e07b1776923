/** Choosing the next note from a model's logits. */
@NullMarked
package dev.impromptu.music.sample;

import org.jspecify.annotations.NullMarked;
