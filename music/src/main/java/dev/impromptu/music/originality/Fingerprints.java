package dev.impromptu.music.originality;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The fingerprints of some pieces, in which runs of notes can be found. Immutable and safe for use
 * by several threads.
 *
 * <p>What runs are looked up in is made at the first look and takes about 130 bytes for each
 * different note of the pieces.
 */
public final class Fingerprints {
  private static final int OCTAVE = 12;
  private static final int HIGHEST_SHIFT = 6;

  private final List<Fingerprint> pieces;
  private @Nullable IntervalAutomaton automaton;

  /**
   * A run of a composition that stands in a piece.
   *
   * @param notes its length
   * @param start the note of the composition at which it begins
   * @param title of the first piece that holds it
   * @param transposition semitones from that piece up to the composition, −5 to 6, octaves aside
   */
  public record Copy(int notes, int start, String title, int transposition) {}

  /** Makes one. */
  public Fingerprints(List<Fingerprint> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  /** The pieces. */
  public List<Fingerprint> pieces() {
    return pieces;
  }

  /**
   * The longest run of {@code composition}, the first of equals, that stands in a piece as it is or
   * transposed; none where no two notes do.
   */
  public Optional<Copy> longestCopy(Fingerprint composition) {
    return longestCopy(composition, 0);
  }

  /**
   * The same among the runs that hold a note from {@code first} on, wherever they begin: what was
   * composed after a primer of {@code first} notes may go on with what the primer quotes.
   *
   * @param first note of the composition, 0 for the first of all
   */
  public Optional<Copy> longestCopy(Fingerprint composition, int first) {
    IntervalAutomaton automaton = automaton();
    Match match = Match.NOTHING;
    Match longest = match;
    int end = 0;
    for (int note = 0; note + 1 < composition.length(); note++) {
      match = match.then(composition.interval(note), automaton);
      if (note + 1 >= first && match.intervals() > longest.intervals()) {
        longest = match;
        end = note + 1;
      }
    }
    if (longest.intervals() == 0) {
      return Optional.empty();
    }
    Fingerprint piece = pieces.get(automaton.piece(longest.state()));
    int up = composition.pitchClass(end) - piece.pitchClass(automaton.end(longest.state()));
    int transposition = Math.floorMod(up, OCTAVE);
    return Optional.of(
        new Copy(
            longest.notes(),
            end - longest.intervals(),
            piece.title(),
            transposition > HIGHEST_SHIFT ? transposition - OCTAVE : transposition));
  }

  /** The same for all who ask; models that are opened for something else never need it. */
  synchronized IntervalAutomaton automaton() {
    if (automaton == null) {
      automaton = new IntervalAutomaton(pieces);
    }
    return automaton;
  }
}
