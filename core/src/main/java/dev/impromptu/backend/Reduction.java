package dev.impromptu.backend;

/**
 * A tensor seen as {@code [outer, length, inner]}, of which the middle axis is folded.
 *
 * @param outer product of the axes before
 * @param length size of the folded axis
 * @param inner product of the axes behind
 */
public record Reduction(int outer, int length, int inner) {}
