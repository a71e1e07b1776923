package dev.impromptu.music;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Score;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Counts the notes of a score that stand in another one too. */
final class Kept {
  private static final double BEATS = 1 / 24.0 + 1e-9;
  private static final int VELOCITY = 8;

  private record Timed(int pitch, double onset, double duration, int velocity) {}

  private Kept() {}

  /**
   * The notes of {@code score} with a partner of their own in {@code other}: the same pitch, onset
   * and duration within 1/24 beat, velocity within 8.
   */
  static int notes(Score score, Score other) {
    List<Timed> partners = new ArrayList<>(timed(other));
    int kept = 0;
    int from = 0;
    for (Timed note : timed(score)) {
      while (from < partners.size() && partners.get(from).onset < note.onset - BEATS) {
        from++;
      }
      for (int i = from; i < partners.size() && partners.get(i).onset <= note.onset + BEATS; i++) {
        Timed partner = partners.get(i);
        if (partner.pitch == note.pitch
            && Math.abs(partner.duration - note.duration) <= BEATS
            && Math.abs(partner.velocity - note.velocity) <= VELOCITY) {
          partners.remove(i);
          kept++;
          break;
        }
      }
    }
    return kept;
  }

  private static List<Timed> timed(Score score) {
    double beat = score.ticksPerBeat();
    return score.parts().stream()
        .flatMap(part -> part.notes().stream())
        .map((Note n) -> new Timed(n.pitch(), n.onset() / beat, n.duration() / beat, n.velocity()))
        .sorted(Comparator.comparingDouble(Timed::onset))
        .toList();
  }
}
