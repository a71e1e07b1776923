/** Fingerprints of what was learned from, and how much of it a composition repeats. */
@NullMarked
package dev.impromptu.music.originality;

import org.jspecify.annotations.NullMarked;
