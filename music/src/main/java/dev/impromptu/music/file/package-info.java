/** Files that are there whole or not at all. */
@NullMarked
package dev.impromptu.music.file;

import org.jspecify.annotations.NullMarked;
