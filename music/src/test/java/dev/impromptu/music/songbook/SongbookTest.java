package dev.impromptu.music.songbook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SongbookTest {
  @Test
  void everyPieceHasTwoHands() {
    for (var piece : Songbook.pieces()) {
      assertEquals(2, piece.score().parts().size(), piece.id());
      assertEquals(480, piece.score().ticksPerBeat(), piece.id());
      for (var part : piece.score().parts()) {
        assertTrue(!part.notes().isEmpty(), piece.id() + " " + part.name());
      }
    }
  }
}
