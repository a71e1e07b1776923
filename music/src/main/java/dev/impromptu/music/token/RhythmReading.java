package dev.impromptu.music.token;

/** Reads rhythm tokens by their numbers in a vocabulary. */
final class RhythmReading implements Reading {
  private static final int[] NO_KEYS = {};

  private final RhythmToken[] tokens;
  private final int[][] keys;
  private final boolean hasLength;
  private final int highestKey;
  private final RhythmPen pen = new RhythmPen();

  RhythmReading(Vocabulary vocabulary) {
    tokens = new RhythmToken[vocabulary.size()];
    keys = new int[tokens.length][];
    boolean length = false;
    int highest = -1;
    for (int id = 0; id < tokens.length; id++) {
      tokens[id] = RhythmToken.of(vocabulary.token(id));
      keys[id] = NO_KEYS;
      length |= tokens[id] instanceof RhythmToken.Length;
      if (tokens[id] instanceof RhythmToken.Strike(int key)) {
        keys[id] = new int[] {key};
        highest = Math.max(highest, key);
      }
    }
    hasLength = length;
    highestKey = highest;
  }

  @Override
  public void read(int id) {
    pen.write(tokens[id]);
  }

  @Override
  public boolean allows(int id) {
    RhythmToken token = tokens[id];
    // Both ask for a word that a small vocabulary may lack.
    if (token instanceof RhythmToken.Hold && !hasLength
        || token instanceof RhythmToken.Position && highestKey < 0) {
      return false;
    }
    return pen.allows(token, highestKey);
  }

  @Override
  public int[] keys(int id) {
    return keys[id].clone();
  }

  @Override
  public long time() {
    return pen.time();
  }

  @Override
  public long timeAfter(int id) {
    return pen.timeAfter(tokens[id]);
  }
}
