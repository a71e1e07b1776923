package dev.impromptu.music.originality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.originality.Fingerprints.Copy;
import dev.impromptu.music.token.RhythmTokenizer;
import dev.impromptu.music.token.SeedTokenizer;
import dev.impromptu.music.token.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FingerprintsTest {
  private static Fingerprint rhythm(String title, String tokens) {
    List<String> words = List.of(tokens.split(" "));
    Vocabulary vocabulary = Vocabulary.build(List.of(words), 1);
    return Fingerprint.of(
        title, new RhythmTokenizer().reading(vocabulary), vocabulary.encode(words));
  }

  private static Fingerprint seed(String title, String tokens) {
    List<String> words = List.of(tokens.split(" "));
    Vocabulary vocabulary = Vocabulary.build(List.of(words), 1);
    return Fingerprint.of(title, new SeedTokenizer().reading(vocabulary), vocabulary.encode(words));
  }

  private static String random(Random random, int length) {
    var classes = new StringBuilder();
    for (int i = 0; i < length; i++) {
      classes.append("0123456789AB".charAt(random.nextInt(12)));
    }
    return classes.toString();
  }

  private static String transposed(String classes, int semitones) {
    var moved = new StringBuilder();
    for (char c : classes.toCharArray()) {
      moved.append("0123456789AB".charAt(Math.floorMod(Character.digit(c, 12) + semitones, 12)));
    }
    return moved.toString();
  }

  @Test
  void aFingerprintIsThePitchClassesInTheOrderTheyAreStruck() {
    assertEquals("047B", rhythm("x", "t80 n48 n64 n79 | p12 v2 d6 n59").classes());
    assertEquals("490460", seed("x", "E4 9.0.4 F#2 0").classes());
  }

  @Test
  void aPlantedQuotationIsFoundWithItsPieceAndTransposition() {
    var random = new Random(1);
    for (int round = 0; round < 200; round++) {
      List<Fingerprint> pieces =
          IntStream.range(0, 8)
              .mapToObj(p -> new Fingerprint("piece " + p, random(random, 400)))
              .toList();
      int chosen = random.nextInt(8);
      int length = 12 + random.nextInt(30);
      int from = random.nextInt(400 - length);
      int up = random.nextInt(12) - 5;
      String quotation = pieces.get(chosen).classes().substring(from, from + length);
      String before = random(random, 50);
      String composed = before + transposed(quotation, up) + random(random, 50);

      Copy copy =
          new Fingerprints(pieces).longestCopy(new Fingerprint("new", composed)).orElseThrow();

      assertEquals("piece " + chosen, copy.title());
      assertEquals(up, copy.transposition());
      assertTrue(copy.notes() >= length && copy.notes() <= length + 4, copy.toString());
      assertTrue(copy.start() <= 50 && copy.start() >= 46, copy.toString());
    }
  }

  @Test
  void theLongestRunIsTheOneThatComparingEveryPairOfNotesFinds() {
    var random = new Random(2);
    for (int round = 0; round < 300; round++) {
      var pieces = new ArrayList<Fingerprint>();
      for (int p = 0; p < 1 + round % 4; p++) {
        // Few classes make long and many repetitions.
        pieces.add(new Fingerprint("p" + p, few(random, random.nextInt(60))));
      }
      var composition = new Fingerprint("new", few(random, random.nextInt(40)));

      Optional<Copy> copy = new Fingerprints(pieces).longestCopy(composition);

      int longest = pieces.stream().mapToInt(piece -> compared(piece, composition)).max().orElse(0);
      assertEquals(longest, copy.map(Copy::notes).orElse(longest < 2 ? longest : -1));
    }
  }

  private static String few(Random random, int length) {
    var classes = new StringBuilder();
    for (int i = 0; i < length; i++) {
      classes.append("025".charAt(random.nextInt(3)));
    }
    return classes.toString();
  }

  private static int compared(Fingerprint a, Fingerprint b) {
    int longest = 0;
    for (int i = 0; i < a.length(); i++) {
      for (int j = 0; j < b.length(); j++) {
        int notes = 1;
        while (i + notes < a.length()
            && j + notes < b.length()
            && a.interval(i + notes - 1) == b.interval(j + notes - 1)) {
          notes++;
        }
        longest = Math.max(longest, notes);
      }
    }
    return longest;
  }

  @Test
  void aChordCopiedInAnotherKeyIsFoundInSeedTokensToo() {
    Fingerprint piece = seed("waltz", "C4 4.7.0 D4 7.11.2 E4 4.7.0 G4 F4");
    Fingerprint moved = seed("new", "B-1 D4 6.9.2 E4 9.1.4 F#4 6.9.2 B-1 B-1");

    Copy copy = new Fingerprints(List.of(piece)).longestCopy(moved).orElseThrow();

    assertEquals(new Copy(12, 1, "waltz", 2), copy);
  }

  @Test
  void aRunThatReachesTheFirstNoteAskedForCountsFromWhereItBegins() {
    var pieces =
        new Fingerprints(List.of(new Fingerprint("a", "0123456"), new Fingerprint("b", "0505")));
    var composition = new Fingerprint("new", "012345050");

    assertEquals(Optional.of(new Copy(6, 0, "a", 0)), pieces.longestCopy(composition, 4));
    assertEquals(Optional.of(new Copy(6, 0, "a", 0)), pieces.longestCopy(composition, 5));
    assertEquals(Optional.of(new Copy(3, 5, "b", 0)), pieces.longestCopy(composition, 6));
    assertEquals(Optional.empty(), pieces.longestCopy(composition, 9));
  }

  @Test
  void aRunDoesNotReachFromOnePieceIntoTheNext() {
    var pieces =
        new Fingerprints(List.of(new Fingerprint("a", "0123"), new Fingerprint("b", "4567")));

    assertEquals(4, pieces.longestCopy(new Fingerprint("c", "01234567")).orElseThrow().notes());
  }

  @Test
  void whatIsNoPitchClassIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Fingerprint("x", "01C"));
  }

  @Test
  void aFingerprintIsReadAsItWasWritten() {
    var fingerprint = new Fingerprint("x", "0B5A");
    assertEquals(fingerprint, Fingerprint.of(fingerprint.toJson()));
  }
}
