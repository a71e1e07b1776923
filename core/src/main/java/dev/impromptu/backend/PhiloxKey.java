package dev.impromptu.backend;

/**
 * Names one draw of random numbers: the same key gives the same numbers on every backend.
 *
 * @param seed the run's seed
 * @param call which draw within the step, counted from 0
 * @param step the training step
 */
public record PhiloxKey(long seed, int call, long step) {}
