package dev.impromptu.music.songbook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.score.Part;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SongbookTest {
  @Test
  void elevenPiecesCarryThisManyNotes() {
    var counts =
        Songbook.pieces().stream()
            .map(piece -> piece.id() + " " + piece.bars() + ": " + piece.score().noteCount())
            .collect(Collectors.joining("\n"));
    assertEquals(
        """
        schubert-d780-3 1-54: 717
        schubert-d780-6 0-39: 313
        schubert-d899-3 1-8: 233
        schubert-d899-4 1-18: 270
        schubert-d935-2 0-16: 167
        schubert-d935-3 1-18: 373
        schubert-d960-1 0-18: 390
        schubert-d960-2 1-17: 203
        bach-prelude-c 1-35: 549
        beethoven-fur-elise 0-11: 77
        petzold-minuet-g 1-24: 150""",
        counts);
    assertEquals(
        3442, Songbook.pieces().stream().mapToInt(piece -> piece.score().noteCount()).sum());
  }

  @Test
  void atLeastFivePiecesAreBySchubert() {
    long schubert =
        Songbook.pieces().stream().filter(p -> p.composer().equals("Franz Schubert")).count();
    assertTrue(schubert >= 5, "only " + schubert);
  }

  @Test
  void everyPieceHasARightAndALeftHandInTicksOf480() {
    for (var piece : Songbook.pieces()) {
      assertEquals(480, piece.score().ticksPerBeat(), piece.id());
      assertEquals(1, piece.score().tempos().size(), piece.id());
      var names = piece.score().parts().stream().map(Part::name).toList();
      assertEquals(List.of("right hand", "left hand"), names, piece.id());
      piece.score().parts().forEach(part -> assertFalse(part.notes().isEmpty(), piece.id()));
    }
  }

  @Test
  void aKeyIsNeverStruckWhileTheSameHandHoldsIt() {
    for (var piece : Songbook.pieces()) {
      for (var part : piece.score().parts()) {
        var releases = new HashMap<Integer, Integer>();
        for (var note : part.notes()) {
          int before = releases.getOrDefault(note.pitch(), 0);
          assertTrue(note.duration() > 0 && before <= note.onset(), piece.id() + " " + note);
          releases.put(note.pitch(), note.release());
        }
      }
    }
  }

  @Test
  void workNamesACatalogueNumber() {
    for (var piece : Songbook.pieces()) {
      assertTrue(piece.work().matches(".*(D|BWV|WoO)( Anh\\.)? \\d+.*"), piece.work());
    }
  }
}
