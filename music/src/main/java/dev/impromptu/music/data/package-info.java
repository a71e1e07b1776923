/** Data sets: encoded pieces, windows over them, splits, their CSV form and simple baselines. */
@NullMarked
package dev.impromptu.music.data;

import org.jspecify.annotations.NullMarked;
