/** Scores as words: tokenizers and the vocabulary. */
@NullMarked
package dev.impromptu.music.token;

import org.jspecify.annotations.NullMarked;
