package dev.impromptu.music.score;

/**
 * A tempo mark.
 *
 * @param tick where it begins to hold
 * @param beatsPerMinute quarter notes a minute
 */
public record Tempo(int tick, double beatsPerMinute) {}
