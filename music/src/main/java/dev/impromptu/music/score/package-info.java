/** A piece of piano music in memory: parts, notes and tempo marks, all in ticks. */
@NullMarked
package dev.impromptu.music.score;

import org.jspecify.annotations.NullMarked;
