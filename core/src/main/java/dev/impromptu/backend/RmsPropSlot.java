package dev.impromptu.backend;

import org.jspecify.annotations.Nullable;

/**
 * What RMSProp keeps and changes for one parameter; all of one length, zeros before the first step.
 *
 * @param parameter changed in place
 * @param gradient read
 * @param square running mean of the gradients' squares, changed in place
 * @param mean running mean of the gradients, changed in place; absent where it is not centered
 * @param velocity running sum of the directions, changed in place; absent exactly without momentum
 */
public record RmsPropSlot(
    Storage parameter,
    Storage gradient,
    Storage square,
    @Nullable Storage mean,
    @Nullable Storage velocity) {}
