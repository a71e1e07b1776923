/** What jMusic's tools make of scores before anything is learned from them. */
@NullMarked
package dev.impromptu.music.tools;

import org.jspecify.annotations.NullMarked;
