/** Reading MIDI files, whole or broken, into scores. */
@NullMarked
package dev.impromptu.music.midi;

import org.jspecify.annotations.NullMarked;
