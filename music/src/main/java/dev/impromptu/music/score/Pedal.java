package dev.impromptu.music.score;

/**
 * A movement of the damper pedal.
 *
 * @param tick when
 * @param down whether it is pressed or released
 */
public record Pedal(int tick, boolean down) {}
