package dev.impromptu.random;

import java.util.random.RandomGenerator;

/**
 * A random generator on {@link Philox} whose whole state is three numbers: seed, stream, position.
 *
 * <p>Word {@code w} of a sequence is word {@code w % 4} of the block with counter {@code (w / 4,
 * stream)} and key {@code seed}, low halves first; cuRAND's {@code curand_init(seed, stream, w)}
 * starts at the same word. Two streams of one seed have no block in common. To resume a run to the
 * last bit, store the three numbers and hand them to {@link #PhiloxRandom(long, long, long)}:
 * nothing else is remembered between two calls.
 *
 * <p>The values of {@code nextInt}, {@code nextLong}, {@code nextFloat}, {@code nextDouble}, {@code
 * nextBoolean}, {@code nextGaussian} and the bounded {@code nextInt} are defined here and the same
 * on every machine and JDK. What else {@link RandomGenerator} offers is the JDK's, built upon them.
 *
 * <p>One run draws everything from one seed, so streams keep its uses apart: dropout takes the
 * blocks of stream {@code step} (see {@code Backend.dropout}), {@code Shuffle} the streams around
 * 2^62, models the stream -1 for first weights.
 *
 * <p>An instance belongs to one thread; give each thread its own stream.
 */
public final class PhiloxRandom implements RandomGenerator {
  private static final int WORDS = 4;

  private final long seed;
  private final long stream;
  private final int[] block = new int[WORDS];
  private long position;

  /**
   * Begins stream 0 of a seed.
   *
   * @param seed any number
   */
  public PhiloxRandom(long seed) {
    this(seed, 0);
  }

  /**
   * Begins a stream.
   *
   * @param seed any number
   * @param stream which of the independent sequences of the seed
   */
  public PhiloxRandom(long seed, long stream) {
    this(seed, stream, 0);
  }

  /**
   * Enters a stream where another generator stood.
   *
   * @param seed its {@link #seed()}
   * @param stream its {@link #stream()}
   * @param position its {@link #position()}
   * @throws IllegalArgumentException if the position is negative
   */
  public PhiloxRandom(long seed, long stream, long position) {
    if (position < 0) {
      throw new IllegalArgumentException(
          "PhiloxRandom: position " + position + " must not be negative");
    }
    this.seed = seed;
    this.stream = stream;
    this.position = position;
    if (position % WORDS != 0) {
      fillBlock();
    }
  }

  /** {@return the seed it was made with} */
  public long seed() {
    return seed;
  }

  /** {@return which sequence of the seed this is} */
  public long stream() {
    return stream;
  }

  /** {@return how many 32-bit words of the sequence have been used} */
  public long position() {
    return position;
  }

  /** The next word: 32 uniform bits. */
  @Override
  public int nextInt() {
    int word = (int) (position % WORDS);
    if (word == 0) {
      fillBlock();
    }
    position++;
    return block[word];
  }

  /** 64 uniform bits: two words, the low one first. */
  @Override
  public long nextLong() {
    long low = nextInt() & 0xFFFF_FFFFL;
    return low | (long) nextInt() << 32;
  }

  /** True in one of two cases: the top bit of one word. */
  @Override
  public boolean nextBoolean() {
    return nextInt() < 0;
  }

  /** Uniform in [0, 1), a multiple of 2<sup>-24</sup>; takes one word. */
  @Override
  public float nextFloat() {
    return (nextInt() >>> 8) * 0x1.0p-24f;
  }

  /** Uniform in [0, 1), a multiple of 2<sup>-53</sup>; takes two words. */
  @Override
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /**
   * Normal with mean 0 and deviation 1; takes four words. The cosine half of Box and Muller's pair
   * ("A note on the generation of random normal deviates", 1958): the sine half is dropped, so that
   * there is no spare value to store. {@link StrictMath}, because {@link Math} may differ in the
   * last bit between machines.
   */
  @Override
  public double nextGaussian() {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * nextDouble());
  }

  /**
   * Uniform in [0, bound) without bias; takes one word, seldom more. D. Lemire, "Fast random
   * integer generation in an interval", 2019.
   *
   * @param bound how many values there are, at least 1
   * @throws IllegalArgumentException if the bound is not positive
   */
  @Override
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("nextInt: bound " + bound + " must be at least 1");
    }
    return (int) below(bound);
  }

  /**
   * Uniform in [origin, bound) without bias; takes one word, seldom more.
   *
   * @param origin the least value
   * @param bound one more than the greatest
   * @throws IllegalArgumentException if the range is empty
   */
  @Override
  public int nextInt(int origin, int bound) {
    if (origin >= bound) {
      throw new IllegalArgumentException(
          "nextInt: origin " + origin + " must be less than bound " + bound);
    }
    return (int) (origin + below((long) bound - origin));
  }

  /** A value in [0, count) for a count of 1 to 2<sup>32</sup> - 1. */
  private long below(long count) {
    long product = (nextInt() & 0xFFFF_FFFFL) * count;
    long low = product & 0xFFFF_FFFFL;
    if (low < count) {
      long unfair = (1L << 32) % count;
      while (low < unfair) {
        product = (nextInt() & 0xFFFF_FFFFL) * count;
        low = product & 0xFFFF_FFFFL;
      }
    }
    return product >>> 32;
  }

  private void fillBlock() {
    long counter = position / WORDS;
    Philox.block(
        (int) counter,
        (int) (counter >>> 32),
        (int) stream,
        (int) (stream >>> 32),
        (int) seed,
        (int) (seed >>> 32),
        block,
        0);
  }

  /** The three numbers that restore it. */
  @Override
  public String toString() {
    return "PhiloxRandom(seed=" + seed + ", stream=" + stream + ", position=" + position + ")";
  }
}
