package dev.impromptu.backend;

import org.jspecify.annotations.Nullable;

/**
 * What gradient descent keeps and changes for one parameter; all of one length.
 *
 * @param parameter changed in place
 * @param gradient read
 * @param velocity running sum of the gradients, zeros before the first step, changed in place;
 *     absent exactly without momentum
 */
public record SgdSlot(Storage parameter, Storage gradient, @Nullable Storage velocity) {}
