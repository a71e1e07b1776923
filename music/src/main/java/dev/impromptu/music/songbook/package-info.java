/**
 * Public-domain piano pieces in the project's own text notation, and the parser that turns them
 * into scores. The grammar stands in {@code docs/songbook.md}.
 */
@NullMarked
package dev.impromptu.music.songbook;

import org.jspecify.annotations.NullMarked;
