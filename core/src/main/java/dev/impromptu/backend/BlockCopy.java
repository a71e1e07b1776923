package dev.impromptu.backend;

/**
 * Copies {@code count} runs of {@code length} elements; it carries slicing, concatenation and their
 * gradients.
 *
 * @param count number of runs
 * @param length elements in a run
 * @param sourceOffset first element of the first run in the source
 * @param sourceStride from one run to the next in the source
 * @param targetOffset first element of the first run in the target
 * @param targetStride from one run to the next in the target
 */
public record BlockCopy(
    int count,
    int length,
    int sourceOffset,
    int sourceStride,
    int targetOffset,
    int targetStride) {}
