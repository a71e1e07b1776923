package dev.impromptu.music.token;

/** Reads seed tokens by their numbers in a vocabulary: each strikes keys, and any may follow. */
final class SeedReading implements Reading {
  private static final long STEP = Math.round(SeedTokenizer.GRID_BEATS * UNITS_PER_BEAT);

  private final int[][] keys;
  private long time;

  SeedReading(Vocabulary vocabulary) {
    keys = new int[vocabulary.size()][];
    for (int id = 0; id < keys.length; id++) {
      keys[id] = SeedTokenizer.pitches(vocabulary.token(id));
    }
  }

  @Override
  public void read(int id) {
    time += STEP;
  }

  @Override
  public boolean allows(int id) {
    return true;
  }

  @Override
  public int[] keys(int id) {
    return keys[id].clone();
  }

  @Override
  public long time() {
    return time;
  }

  @Override
  public long timeAfter(int id) {
    return time + STEP;
  }
}
