package dev.impromptu.music.songbook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Tempo;
import java.util.List;
import org.junit.jupiter.api.Test;

class SongbookParserTest {
  private static final String HEADER =
      """
      composer: Anon
      work: Study, WoO 1
      bars: 1-1
      time: 2/4
      tempo: 1/4 = 90
      """;

  private static SongbookPiece parse(String text) {
    return SongbookParser.parse("study.song", text);
  }

  private static List<Note> rightHand(String bar) {
    return parse(HEADER + "@1\nR: " + bar + "\nL: .\n").score().parts().getFirst().notes();
  }

  private static void refuses(String message, String text) {
    assertEquals(message, assertThrows(SongbookException.class, () -> parse(text)).getMessage());
  }

  private static void refusesBar(String message, String bar) {
    refuses("study.song, bar 1, " + message, HEADER + "@1\nR: " + bar + "\nL: .\n");
  }

  @Test
  void readsHeaderAndNotes() {
    var piece =
        parse(HEADER.replace("1/4 = 90", "3/8 = 60") + "@1 f\nR: c4:8 eb4 r f#4\nL: c3+g3:2\n");
    assertEquals("study", piece.id());
    assertEquals("Anon", piece.composer());
    assertEquals("Study, WoO 1", piece.work());
    assertEquals("1-1", piece.bars());
    assertEquals(List.of(new Tempo(0, 90)), piece.score().tempos());
    assertEquals(
        List.of(new Note(60, 0, 240, 88), new Note(63, 240, 240, 88), new Note(66, 720, 240, 88)),
        piece.score().parts().getFirst().notes());
    assertEquals(
        List.of(new Note(48, 0, 960, 88), new Note(55, 0, 960, 88)),
        piece.score().parts().getLast().notes());
  }

  @Test
  void dotsLengthenByHalfAndThreeQuarters() {
    assertEquals(
        List.of(new Note(60, 0, 840, 64), new Note(62, 840, 90, 64), new Note(64, 930, 30, 64)),
        rightHand("c4:4.. d4:32. e4:64"));
  }

  @Test
  void groupsRepeatAndSqueeze() {
    assertEquals(
        List.of(0, 160, 320, 480, 640, 800),
        rightHand("x2( 3:2( c4:8 d4 e4 ) )").stream().map(Note::onset).toList());
  }

  @Test
  void tiesJoinNotesAcrossABarLine() {
    var text = HEADER.replace("1-1", "1-2") + "@1\nR: c4~+e4:2 | c4:4 r\nL: . | .\n";
    assertEquals(
        List.of(new Note(60, 0, 1440, 64), new Note(64, 0, 960, 64)),
        parse(text).score().parts().getFirst().notes());
  }

  @Test
  void graceNotesTakeTheirTimeBeforeTheBeat() {
    assertEquals(
        List.of(
            new Note(60, 0, 480, 64),
            new Note(62, 360, 60, 64),
            new Note(64, 420, 60, 64),
            new Note(65, 480, 480, 64)),
        rightHand("c4:4 ^d4 ^e4 f4"));
  }

  @Test
  void secondVoiceEndsAHeldKeyItStrikesAgain() {
    var text = HEADER + "@1\nR: c4:2\nR2: r:4 c4\nL: .\n";
    assertEquals(
        List.of(new Note(60, 0, 480, 64), new Note(60, 480, 480, 64)),
        parse(text).score().parts().getFirst().notes());
  }

  @Test
  void percentAndAtRepeatBars() {
    var text =
        HEADER.replace("1-1", "0-5")
            + "pickup: 1/8\n"
            + "@0\nR: g4:8 | c5:2 | %\nL: . | c3:4 d3 | %\n// again\n@3 = 1-2 p\n@5 = 1-1\n";
    var score = parse(text).score();
    assertEquals(
        List.of(0, 240, 1200, 2160, 3120, 4080),
        score.parts().getFirst().notes().stream().map(Note::onset).toList());
    assertEquals(10, score.parts().getLast().notes().size());
    assertEquals(52, score.parts().getFirst().notes().getLast().velocity());
  }

  @Test
  void refusesABarThatIsTooLong() {
    refusesBar(
        "column 10: bar too long: with 'e4:4' R1 holds 5/8, but the bar lasts 1/2; take 1/8 away or"
            + " move it behind the bar line",
        "c4:4. e4:4");
  }

  @Test
  void refusesAnOverlongGroup() {
    refusesBar(
        "column 18: bar too long: with ')' R1 holds 3/4, but the bar lasts 1/2; take 1/4 away or"
            + " move it behind the bar line",
        "x3( c4:8 d4:8 )");
  }

  @Test
  void refusesABarThatIsTooShort() {
    refusesBar(
        "column 8: bar too short: R1 holds 1/4, but the bar lasts 1/2; add 1/4 of notes or rests"
            + " before the bar line",
        "c4:4");
  }

  @Test
  void refusesAPickupOfTheWrongLength() {
    refuses(
        "study.song, bar 0, column 8: bar too long: with 'c4' R1 holds 1/4, but the bar lasts 1/8;"
            + " take 1/8 away or move it behind the bar line",
        HEADER.replace("1-1", "0-0") + "pickup: 1/8\n@0\nR:c4:8 c4\nL: .\n");
  }

  @Test
  void refusesAnUnknownToken() {
    refusesBar(
        "column 9: unknown token 'h4'; expected a note such as eb5:8, a chord c4+e4:4, a rest r:4,"
            + " a grace note ^d5, a group x2( or 3:2(, a closing ), or % or . alone in its bar",
        "c4:4 h4");
  }

  @Test
  void refusesABadOctaveAndPointsIntoTheChord() {
    refusesBar("column 7: octave 9 of 'e9' is outside 0 to 8; c4 is middle C", "c4+e9:2");
    refusesBar("column 4: octave -1 of 'c-1' is outside 0 to 8; c4 is middle C", "c-1:2");
    refusesBar(
        "column 4: octave 12345678901 of 'c12345678901' is outside 0 to 8; c4 is middle C",
        "c12345678901:2");
    refusesBar("column 4: 'cb' has no octave; write for example cb4", "cb:2");
  }

  @Test
  void refusesUnknownAndMissingLengths() {
    refusesBar(
        "column 7: unknown length '3'; expected 1, 2, 4, 8, 16, 32 or 64, with up to two dots",
        "c4:3");
    refusesBar(
        "column 4: 'c4~' has no length and none stands before it in the line; write for example"
            + " c4:8",
        "c4~");
    refusesBar(
        "column 9: 1/4 in a tuplet 7:4 is no whole number of ticks (480 a quarter note); use a"
            + " longer value or another tuplet",
        "7:4( c4:4 )");
  }

  @Test
  void refusesATieToNothing() {
    refusesBar(
        "column 4: tie to nothing: R1 ties 'e4', but what follows is 'c4+g4'; repeat the note there"
            + " or take the ~ away",
        "c4+e4:4~ c4+g4");
    refusesBar(
        "column 9: tie to nothing: R1 ties 'd4', but what follows is the end of the piece; repeat"
            + " the note there or take the ~ away",
        "c4:4 d4~");
    refusesBar(
        "column 4: tie to nothing: R1 ties 'c4', but what follows is a rest; repeat the note there"
            + " or take the ~ away",
        "c4:4~ r");
    refusesBar("column 4: a rest cannot be tied; take the ~ away", "r:2~");
  }

  @Test
  void refusesUnbalancedParentheses() {
    refusesBar("column 4: this group is never closed; write ) before the bar line", "x2( c4:4");
    refusesBar(
        "column 9: this ) closes nothing; write x2( or 3:2( before the group, or take it away",
        "c4:2 )");
  }

  @Test
  void refusesGraceNotesWithoutRoom() {
    refusesBar(
        "column 8: there is no time for a grace note before the first note of the piece; write it in"
            + " full size",
        "^d4 c4:2");
    refusesBar(
        "column 12: a grace note stands last in its bar; write it before the note it leans on",
        "c4:2 ^d4");
  }

  @Test
  void refusesAnUnequalNumberOfBars() {
    refuses(
        "study.song, bar 2, column 1: unequal number of bars: R1 has 2 in the system that begins with"
            + " bar 1, but L1 has 1; look for a missing or surplus |",
        HEADER.replace("1-1", "1-2") + "@1\nR: c4:2 | c4\nL: c3:2\n");
    refuses(
        "study.song, bar 1, column 1: this system has no line L:; write . for each bar the hand is"
            + " silent",
        HEADER + "@1\nR: c4:2\n");
  }

  @Test
  void refusesAnUnknownHeader() {
    refuses(
        "study.song, line 6, column 1: unknown header 'key'; expected one of composer, work, bars,"
            + " time, tempo, pickup, each followed by a colon, or @ and a bar number to begin the"
            + " music",
        HEADER + "key: C major\n");
  }

  @Test
  void refusesAMissingDoubleOrUnreadableHeader() {
    refuses(
        "study.song, line 5, column 1: header 'time' is missing before the music; add a line such as"
            + " 'time: 2/4'",
        HEADER.replace("time: 2/4\n", "") + "@1\n");
    refuses(
        "study.song, line 6, column 1: header 'time' stands here a second time; keep one of the two",
        HEADER + "time: 3/4\n");
    refuses(
        "study.song, line 4, column 1: header 'time: 2/5': expected a fraction of a whole note, such"
            + " as 'time: 2/4'",
        HEADER.replace("2/4", "2/5") + "@1\n");
    refuses(
        "study.song, line 5, column 1: header 'tempo: fast': expected a note length and how many of"
            + " it a minute, such as 'tempo: 1/4 = 92'",
        HEADER.replace("1/4 = 90", "fast") + "@1\n");
    refuses(
        "study.song, line 3, column 1: header 'bars: 0-1': a piece begins with bar 0 exactly when it"
            + " has a 'pickup' header, such as 'bars: 1-54'",
        HEADER.replace("1-1", "0-1") + "@1\n");
    refuses("study.song, line 6, column 1: the music is missing; begin it with a line @1", HEADER);
  }

  @Test
  void refusesSystemsOutOfOrder() {
    refuses(
        "study.song, bar 1, column 1: '@2' was met, but the next bar is 1; number the systems without"
            + " a gap",
        HEADER + "@2\n");
    refuses(
        "study.song, bar 1, column 1: cannot read '@1 loud now'; expected @5, @5 p (a dynamic) or"
            + " @5 = 1-4 (bars 1 to 4 again)",
        HEADER + "@1 loud now\n");
    refuses(
        "study.song, bar 1, column 4: unknown dynamic 'loud'; expected ppp, pp, p, mp, mf, f, ff or"
            + " fff",
        HEADER + "@1 loud\n");
    refuses(
        "study.song, bar 1, column 1: bars 1-1 cannot be played again here; expected full bars that"
            + " stand before bar 1",
        HEADER + "@1 = 1-1\n");
  }

  @Test
  void refusesUnknownVoicesAndVoicesTwice() {
    refuses(
        "study.song, bar 1, column 1: unknown voice in 'X'; a line of music begins with R:, R2:, R3:,"
            + " R4:, L:, L2:, L3: or L4:",
        HEADER + "@1\nX: c4:2\n");
    refuses(
        "study.song, bar 1, column 1: R1 stands twice in this system; name the second line R2",
        HEADER + "@1\nR: c4:2\nR: c4:2\n");
  }

  @Test
  void refusesAPieceThatEndsElsewhereThanItsHeaderSays() {
    refuses(
        "study.song, bar 2, column 1: the music ends after bar 1, but the header says 'bars: 1-3';"
            + " add the missing bars or mend the header",
        HEADER.replace("1-1", "1-3") + "@1\nR: c4:2\nL: c3:2\n");
    refuses(
        "study.song, bar 2, column 10: the header ends the piece with bar 1; mend 'bars: 1-1' or take"
            + " the bar away",
        HEADER + "@1\nR: c4:2 | c4\nL: c3:2\n");
    refusesBar(
        "column 3: % repeats the bar before, but this voice has none there; write the bar out",
        "%");
  }
}
