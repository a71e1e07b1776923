package dev.impromptu.music.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RhythmTokenizerTest {
  private static final int BEAT = 480;

  private final RhythmTokenizer tokenizer = new RhythmTokenizer();

  private static Score score(Note... notes) {
    return new Score("test", BEAT, List.of(new Part("", List.of(notes))), List.of());
  }

  private String text(Note... notes) {
    return String.join(" ", tokenizer.tokens(score(notes)));
  }

  private List<Note> notes(String tokens) {
    List<String> words = List.of(tokens.split(" "));
    return tokenizer.score("test", words).parts().getFirst().notes();
  }

  @Test
  void chordsKeepOctaveAndVoicingAndAscend() {
    assertEquals(
        "t120 v5 d24 n48 n64 n79",
        text(new Note(79, 0, BEAT, 80), new Note(48, 0, BEAT, 80), new Note(64, 0, BEAT, 80)));
  }

  @Test
  void beatsAndPlacesWithinThemTellWhenANoteIsStruck() {
    assertEquals(
        "t120 n60 p12 n62 | | p8 n64",
        text(
            new Note(60, 0, BEAT / 2, 72),
            new Note(62, BEAT / 2, BEAT / 2, 72),
            new Note(64, 2 * BEAT + BEAT / 3, BEAT / 2, 72)));
  }

  @Test
  void loudnessAndLengthAreToldOnlyWhereTheyChange() {
    assertEquals(
        "t120 v6 n60 | n62 v2 d24 n64 | n65",
        text(
            new Note(60, 0, BEAT / 2, 100),
            new Note(62, BEAT, BEAT / 2, 110),
            new Note(64, BEAT, BEAT, 40),
            new Note(65, 2 * BEAT, BEAT, 33)));
  }

  @Test
  void aNoteLongerThanFourBeatsIsHeld() {
    assertEquals("t120 h h d12 n60", text(new Note(60, 0, 8 * BEAT + BEAT / 2, 72)));
    assertEquals(List.of(new Note(60, 0, 8 * BEAT + BEAT / 2, 72)), notes("h h d12 n60"));
  }

  @Test
  void thePiecesMeanTempoStandsAtItsBeginning() {
    Note note = new Note(60, 0, 4 * BEAT, 72);
    Score slowing =
        new Score(
            "test",
            BEAT,
            List.of(new Part("", List.of(note))),
            List.of(new Tempo(0, 120), new Tempo(2 * BEAT, 60)));

    List<String> tokens = tokenizer.tokens(slowing);

    assertEquals("t80", tokens.getFirst());
    assertEquals(List.of(new Tempo(0, 80)), tokenizer.score("", tokens).tempos());
  }

  @Test
  void ofEqualKeysAtOnceTheLongestIsKept() {
    assertEquals("t120 d24 n60", text(new Note(60, 0, BEAT / 2, 70), new Note(60, 3, BEAT, 70)));
  }

  @Test
  void timesMoveByAtMostATwentyFourthAndVelocitiesByAtMostEight() {
    int[] resolutions = {1, 7, 24, 96, 100, 120, 384, 480, 1024, 32_767};
    var random = new Random(3);
    for (int round = 0; round < 20_000; round++) {
      int ticks = resolutions[random.nextInt(resolutions.length)];
      var note =
          new Note(
              random.nextInt(128),
              random.nextInt(40 * ticks + 1),
              random.nextInt(30 * ticks + 1),
              1 + random.nextInt(127));
      Score score = new Score("x", ticks, List.of(new Part("", List.of(note))), List.of());
      Score again = tokenizer.score("x", tokenizer.tokens(score));
      Note heard = again.parts().getFirst().notes().getFirst();
      double scale = (double) ticks / again.ticksPerBeat();
      double allowed = ticks / 24.0 + 1e-9;
      assertEquals(note.pitch(), heard.pitch());
      assertEquals(note.onset(), heard.onset() * scale, allowed, note.toString());
      assertEquals(note.duration(), heard.duration() * scale, allowed, note.toString());
      assertEquals(note.velocity(), heard.velocity(), 8, note.toString());
    }
  }

  @Test
  void whatWasHeardIsWrittenAsTheSameTokens() {
    var random = new Random(4);
    for (int round = 0; round < 300; round++) {
      List<String> tokens = tokenizer.tokens(randomScore(random));
      assertEquals(tokens, tokenizer.tokens(tokenizer.score("", tokens)));
    }
  }

  private static Score randomScore(Random random) {
    var notes = new ArrayList<Note>();
    for (int i = 0; i < 60; i++) {
      notes.add(
          new Note(
              30 + random.nextInt(60),
              random.nextInt(20 * BEAT),
              random.nextInt(6 * BEAT),
              1 + random.nextInt(127)));
    }
    notes.sort(Comparator.comparingInt(Note::onset));
    return new Score(
        "",
        BEAT,
        List.of(new Part("", notes)),
        List.of(new Tempo(0, 4 * (6 + random.nextInt(50)))));
  }

  @Test
  void theReadingAllowsEveryTokenThatTheTokenizerWrites() {
    var random = new Random(5);
    for (int round = 0; round < 300; round++) {
      List<String> tokens = tokenizer.tokens(randomScore(random));
      Vocabulary vocabulary = Vocabulary.build(List.of(tokens), 1);
      Reading reading = tokenizer.reading(vocabulary);
      for (int id : vocabulary.encode(tokens)) {
        assertTrue(reading.allows(id), () -> "in " + tokens);
        reading.read(id);
      }
    }
  }

  @Test
  void whatTheReadingAllowsAlwaysGoesOnAndEveryWordCounts() {
    var random = new Random(6);
    for (int round = 0; round < 300; round++) {
      List<String> alphabet = randomAlphabet(random);
      Vocabulary vocabulary = Vocabulary.build(List.of(alphabet), 1);
      Reading reading = tokenizer.reading(vocabulary);
      var written = new ArrayList<String>();
      int strikes = 0;
      while (written.size() < 400) {
        int[] allowed = allowed(vocabulary, reading);
        assertTrue(allowed.length > 0, () -> "nothing may follow " + written);
        int id = allowed[random.nextInt(allowed.length)];
        long time = reading.timeAfter(id);
        strikes += reading.keys(id).length;
        reading.read(id);
        assertEquals(time, reading.time());
        written.add(vocabulary.token(id));
      }
      Score score = tokenizer.score("", written);
      assertEquals(strikes, score.noteCount());
      assertEquals(
          score.parts(), tokenizer.score("", tokenizer.tokens(score)).parts(), "no key twice");
    }
  }

  /** Notes are at first of loudness 4 and half a beat long. */
  @Test
  void wordsThatSayNothingNewAreRefused() {
    Vocabulary vocabulary =
        Vocabulary.build(List.of(List.of("n60", "v4", "v5", "d12", "d24", "p6", "p12")), 1);
    Reading reading = tokenizer.reading(vocabulary);
    assertEquals(Set.of("n60", "v5", "d24", "p6", "p12"), allowedWords(vocabulary, reading));
    for (String word : List.of("p6", "v5", "d24", "n60")) {
      reading.read(vocabulary.encode(List.of(word))[0]);
    }
    assertEquals(Set.of("p12"), allowedWords(vocabulary, reading), "no key above is known");
    reading.read(vocabulary.encode(List.of("p12"))[0]);
    assertEquals(Set.of("n60", "v4", "d12"), allowedWords(vocabulary, reading));
  }

  private static Set<String> allowedWords(Vocabulary vocabulary, Reading reading) {
    return Set.copyOf(vocabulary.decode(allowed(vocabulary, reading)));
  }

  private static int[] allowed(Vocabulary vocabulary, Reading reading) {
    int[] ids = new int[vocabulary.size()];
    int count = 0;
    for (int id = 0; id < vocabulary.size(); id++) {
      if (reading.allows(id)) {
        ids[count++] = id;
      }
    }
    return Arrays.copyOf(ids, count);
  }

  /** A few words of every kind; the beat and a key are always there. */
  private static List<String> randomAlphabet(Random random) {
    var alphabet = new ArrayList<>(List.of("|", "n" + (20 + random.nextInt(80))));
    for (String word : List.of("t80", "h", "d6", "d24", "d96", "v1", "v4", "v7", "p6", "p12")) {
      if (random.nextInt(3) > 0) {
        alphabet.add(word);
      }
    }
    for (int i = random.nextInt(20); i > 0; i--) {
      alphabet.add("n" + random.nextInt(128));
    }
    return alphabet.stream().distinct().toList();
  }

  @Test
  void aContinuationGoesOnInTheRhythmOfWhatWasHeard() {
    Score primer = score(new Note(60, 0, BEAT, 72), new Note(62, 5 * BEAT / 2, 3 * BEAT, 72));

    Score added =
        tokenizer.continuation(
            primer, tokenizer.tokens(primer), List.of("p18", "n64", "|", "d12", "n65"));

    assertEquals(
        List.of(new Note(64, 11 * BEAT / 4, 3 * BEAT, 72), new Note(65, 3 * BEAT, BEAT / 2, 72)),
        added.parts().getFirst().notes());
  }

  @Test
  void aContinuationFollowsThePrimersOwnNotesThoughItsTokensShortenRests() {
    Score primer =
        score(
            new Note(60, 90 * BEAT, BEAT, 72),
            new Note(62, 190 * BEAT, BEAT, 72),
            new Note(64, 381 * BEAT / 2, BEAT / 2, 72));
    List<String> heard = tokenizer.tokens(primer);
    assertEquals(128, heard.stream().filter("|"::equals).count());

    Score added = tokenizer.continuation(primer, heard, List.of("|", "n65", "p12", "n67"));

    assertEquals(
        List.of(new Note(65, 191 * BEAT, BEAT / 2, 72), new Note(67, 383 * BEAT / 2, BEAT / 2, 72)),
        added.parts().getFirst().notes());
  }

  @Test
  void aPrimerThatLeavesNoRoomIsRefused() {
    Score primer =
        new Score("x", 1, List.of(new Part("", List.of(new Note(60, 1 << 30, 1, 72)))), List.of());

    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> tokenizer.continuation(primer, tokenizer.tokens(primer), List.of("n62")));

    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.contains("begins after 1073741824 beats"), message);
  }

  @Test
  void aKeyOfTheContinuationThatIsStruckAgainEndsItsEarlierNote() {
    Score primer = score(new Note(60, 0, BEAT, 72));

    Score added =
        tokenizer.continuation(
            primer,
            tokenizer.tokens(primer),
            List.of("|", "d72", "n60", "n64", "|", "d24", "n60", "|", "n60", "|", "|", "n64"));

    assertEquals(
        List.of(
            new Note(60, BEAT, BEAT, 72),
            new Note(64, BEAT, 3 * BEAT, 72),
            new Note(60, 2 * BEAT, BEAT, 72),
            new Note(60, 3 * BEAT, BEAT, 72),
            new Note(64, 5 * BEAT, BEAT, 72)),
        added.parts().getFirst().notes());
  }

  @Test
  void restsAreShortenedAndNotesCutWhereTheyWouldTakeThousandsOfTokens() {
    Score score =
        new Score(
            "x",
            1,
            List.of(
                new Part("", List.of(new Note(60, 0, 1, 72), new Note(62, 1 << 30, 1 << 29, 72)))),
            List.of());

    List<String> tokens = tokenizer.tokens(score);

    assertEquals(64, tokens.stream().filter("|"::equals).count());
    assertEquals(15, tokens.stream().filter("h"::equals).count());
  }

  @Test
  void wordsOfAnotherKindAreRefusedByName() {
    for (String word : List.of("C4", "n128", "v8", "d5", "p24", "p5", "n060", "t400", "")) {
      var thrown =
          assertThrows(IllegalArgumentException.class, () -> tokenizer.score("", List.of(word)));
      assertTrue(String.valueOf(thrown.getMessage()).contains("\"" + word + "\""));
    }
  }

  @Test
  void onlyForTemposAnotherWordStandsIn() {
    var vocabulary = Vocabulary.build(List.of(List.of("t96", "t104", "t60", "n60", "d12")), 1);
    assertEquals(Optional.of("t96"), tokenizer.nearest("t100", vocabulary));
    assertEquals(Optional.of("t104"), tokenizer.nearest("t240", vocabulary));
    assertEquals(Optional.of("t60"), tokenizer.nearest("t60", vocabulary));
    assertEquals(Optional.empty(), tokenizer.nearest("n61", vocabulary));
    assertEquals(
        Optional.empty(), tokenizer.nearest("t60", Vocabulary.build(List.of(List.of("n60")), 1)));
    assertEquals(
        Optional.empty(),
        new SeedTokenizer().nearest("C4", Vocabulary.build(List.of(List.of("C5")), 1)));
  }
}
