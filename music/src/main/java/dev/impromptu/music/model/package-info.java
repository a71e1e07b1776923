/** Networks that foretell the next token, how they are judged, kept and made to compose. */
@NullMarked
package dev.impromptu.music.model;

import org.jspecify.annotations.NullMarked;
