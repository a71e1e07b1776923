package dev.impromptu.music.sample;

import dev.impromptu.music.token.Reading;

/**
 * Refuses tokens that would make no sense where the sequence stands. Its owner reads on after
 * telling the guards.
 */
record GrammarGuard(Reading reading) implements Guard {
  @Override
  public boolean refuses(int id) {
    return !reading.allows(id);
  }

  @Override
  public void played(int id) {}
}
