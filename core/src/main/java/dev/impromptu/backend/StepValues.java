package dev.impromptu.backend;

/**
 * What changes from one training step to the next where everything else stays: a {@link Recording}
 * is given it anew at each replay.
 *
 * @param randomStep the step in the keys of the step's random numbers
 * @param optimizerStep the optimizer's rates; everything else of it stays as recorded
 */
public record StepValues(long randomStep, OptimizerStep optimizerStep) {}
