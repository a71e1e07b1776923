package dev.impromptu.music.data;

import dev.impromptu.data.Shuffle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Stretches of pieces to learn from: {@code contextLength} tokens and the {@code future} tokens to
 * foretell after them. None crosses from one piece into the next.
 *
 * <p>A window is kept as a piece and a start, whatever its length. Immutable and safe for use by
 * several threads.
 */
public final class Windows {
  private static final long SAMPLE_STREAM = -1;

  private final List<EncodedPiece> pieces;
  private final int[] pieceOf;
  private final int[] startOf;
  private final int contextLength;
  private final int future;
  private final boolean skipNote;

  /** Where windows begin, of every piece. */
  private final BitSet[] starts;

  private Windows(
      List<EncodedPiece> pieces,
      int[] pieceOf,
      int[] startOf,
      int contextLength,
      int future,
      boolean skipNote) {
    this.pieces = pieces;
    this.pieceOf = pieceOf;
    this.startOf = startOf;
    this.contextLength = contextLength;
    this.future = future;
    this.skipNote = skipNote;
    this.starts = new BitSet[pieces.size()];
    Arrays.setAll(starts, piece -> new BitSet());
    for (int window = 0; window < pieceOf.length; window++) {
      starts[pieceOf[window]].set(startOf[window]);
    }
  }

  /**
   * All windows of {@code pieces}, with stride 1: x is tokens [i, i + context), y is the {@code
   * future} tokens right after, or with {@code skipNote} those after the next one, as an off-by-one
   * of the original project has it.
   *
   * @throws IllegalArgumentException if a length is below 1
   */
  public static Windows of(
      List<EncodedPiece> pieces, int contextLength, int future, boolean skipNote) {
    if (contextLength < 1 || future < 1) {
      throw new IllegalArgumentException(
          "Windows: context " + contextLength + " and future " + future + " must be at least 1");
    }
    int span = span(contextLength, future, skipNote);
    int total = pieces.stream().mapToInt(piece -> count(piece.length(), span)).sum();
    int[] pieceOf = new int[total];
    int[] startOf = new int[total];
    int next = 0;
    for (int p = 0; p < pieces.size(); p++) {
      int count = count(pieces.get(p).length(), span);
      for (int start = 0; start < count; start++) {
        pieceOf[next] = p;
        startOf[next++] = start;
      }
    }
    return new Windows(List.copyOf(pieces), pieceOf, startOf, contextLength, future, skipNote);
  }

  /** How many tokens a window spans, the skipped one included. */
  static int span(int contextLength, int future, boolean skipNote) {
    return contextLength + future + (skipNote ? 1 : 0);
  }

  /** How many windows of {@code span} tokens a piece of {@code length} tokens holds. */
  static int count(int length, int span) {
    return Math.max(0, length - span + 1);
  }

  /** The number of windows. */
  public int size() {
    return pieceOf.length;
  }

  /** Tokens in x. */
  public int contextLength() {
    return contextLength;
  }

  /** Tokens in y. */
  public int future() {
    return future;
  }

  /** Tokens between x and y: 1 with {@code skipNote}, else 0. */
  public int skipped() {
    return skipNote ? 1 : 0;
  }

  /** The pieces the windows lie in; some may hold none. */
  public List<EncodedPiece> pieces() {
    return pieces;
  }

  /** Whether what begins {@code tokens} before {@code window} in its piece is a window of these. */
  public boolean hasEarlier(int window, int tokens) {
    int start = startOf[window] - tokens;
    return start >= 0 && starts[pieceOf[window]].get(start);
  }

  /** The piece that {@code window} lies in. */
  public EncodedPiece piece(int window) {
    return pieces.get(pieceOf[window]);
  }

  /** Where in its piece {@code window} begins. */
  public int start(int window) {
    return startOf[window];
  }

  /**
   * Writes the {@code contextLength} tokens of {@code window} to {@code x} from {@code xOffset} and
   * the {@code future} tokens after them to {@code y} from {@code yOffset}.
   *
   * @throws IndexOutOfBoundsException if there is no such window or no room
   */
  public void copy(int window, int[] x, int xOffset, int[] y, int yOffset) {
    EncodedPiece piece = piece(window);
    int start = startOf[window];
    piece.copy(start, x, xOffset, contextLength);
    piece.copy(start + lead(), y, yOffset, future);
  }

  /** Writes the tokens between x and y, which {@link #copy} leaves out. */
  public void copyBetween(int window, int[] between, int offset) {
    piece(window).copy(startOf[window] + contextLength, between, offset, skipped());
  }

  /** The token of {@code window} that lies {@code ahead} after the first to foretell, from 0. */
  public int target(int window, int ahead) {
    return piece(window).id(startOf[window] + lead() + ahead);
  }

  /** From the beginning of a window to its first token to foretell. */
  int lead() {
    return contextLength + skipped();
  }

  /**
   * These windows and after them {@code others}, over the pieces of both.
   *
   * @throws IllegalArgumentException if the windows differ in form
   */
  public Windows and(Windows others) {
    if (contextLength != others.contextLength
        || future != others.future
        || skipNote != others.skipNote) {
      throw new IllegalArgumentException(
          "Windows: %s with %d between and %s with %d between differ in form; take them alike"
              .formatted(this, skipped(), others, others.skipped()));
    }
    List<EncodedPiece> all = new ArrayList<>(pieces);
    all.addAll(others.pieces);
    return new Windows(
        List.copyOf(all),
        IntStream.concat(
                Arrays.stream(pieceOf), Arrays.stream(others.pieceOf).map(p -> p + pieces.size()))
            .toArray(),
        IntStream.concat(Arrays.stream(startOf), Arrays.stream(others.startOf)).toArray(),
        contextLength,
        future,
        skipNote);
  }

  /** The windows numbered {@code chosen}, in that order, over the same pieces. */
  public Windows select(int... chosen) {
    return new Windows(
        pieces,
        Arrays.stream(chosen).map(window -> pieceOf[window]).toArray(),
        Arrays.stream(chosen).map(window -> startOf[window]).toArray(),
        contextLength,
        future,
        skipNote);
  }

  /** At most {@code count} windows, drawn at random by {@code seed} and kept in their order. */
  public Windows sample(int count, long seed) {
    if (count >= size()) {
      return this;
    }
    int[] chosen = Arrays.copyOf(Shuffle.shuffled(size(), seed, SAMPLE_STREAM), Math.max(0, count));
    Arrays.sort(chosen);
    return select(chosen);
  }

  @Override
  public String toString() {
    return "Windows[" + size() + " of " + contextLength + " + " + future + " tokens]";
  }
}
