/** Scores as MIDI files, pictures and sound; training curves as pictures. */
@NullMarked
package dev.impromptu.music.render;

import org.jspecify.annotations.NullMarked;
