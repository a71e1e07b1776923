package dev.impromptu.music.originality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.impromptu.music.sample.Guard;
import dev.impromptu.music.sample.Sampler;
import dev.impromptu.music.sample.Sampling;
import dev.impromptu.music.sample.UnplayableException;
import dev.impromptu.music.token.Reading;
import dev.impromptu.music.token.RhythmTokenizer;
import dev.impromptu.music.token.SeedTokenizer;
import dev.impromptu.music.token.Tokenizer;
import dev.impromptu.music.token.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CopyGuardTest {
  private static final Sampling FREE = new Sampling(1, 0, 1, 0, 0);

  /**
   * Composes, after the piece's beginning, with a model that knows it by heart and says little
   * else; counts the runs that what was composed belongs to.
   */
  private static int longestCopy(Tokenizer tokenizer, List<String> piece, int maxCopy, long seed) {
    Vocabulary vocabulary = Vocabulary.build(List.of(piece), 1);
    int[] learned = vocabulary.encode(piece);
    var fingerprints =
        new Fingerprints(List.of(Fingerprint.of("piece", tokenizer.reading(vocabulary), learned)));
    Reading reading = tokenizer.reading(vocabulary);
    var guard = new CopyGuard(fingerprints, reading, vocabulary.size(), maxCopy, 0);
    var sampler = new Sampler(FREE, seed, reading, vocabulary.size(), List.of(guard));
    var random = new Random(seed);
    var played = new ArrayList<Integer>();
    for (int i = 0; i < 10; i++) {
      sampler.heard(learned[i]);
      played.add(learned[i]);
    }
    int primer = Fingerprint.of("", reading, Arrays.copyOf(learned, 10)).length();
    int at = 10;
    for (int i = 0; i < 300; i++) {
      float[] logits = new float[vocabulary.size()];
      for (int id = 0; id < logits.length; id++) {
        logits[id] = random.nextFloat();
      }
      logits[learned[at % learned.length]] += 20;
      int id = sampler.next(logits);
      played.add(id);
      at = id == learned[at % learned.length] ? at + 1 : random.nextInt(learned.length);
    }
    Fingerprint composed =
        Fingerprint.of(
            "new",
            tokenizer.reading(vocabulary),
            played.stream().mapToInt(Integer::intValue).toArray());
    return fingerprints.longestCopy(composed, primer).orElseThrow().notes();
  }

  private static List<String> rhythmPiece() {
    var random = new Random(5);
    var words = new ArrayList<String>();
    for (int i = 0; i < 200; i++) {
      words.add("n" + (50 + random.nextInt(24)));
      words.add(i % 2 == 0 ? "p12" : "|");
    }
    return words;
  }

  private static List<String> seedPiece() {
    var random = new Random(5);
    var words = new ArrayList<String>();
    for (int i = 0; i < 200; i++) {
      words.add(
          random.nextInt(3) == 0
              ? random.nextInt(6) + "." + (6 + random.nextInt(6))
              : SeedTokenizer.noteName(50 + random.nextInt(24)));
    }
    return words;
  }

  @Test
  void withoutALimitTheModelCopies() {
    assertTrue(longestCopy(new RhythmTokenizer(), rhythmPiece(), 10_000, 1) > 30);
    assertTrue(longestCopy(new SeedTokenizer(), seedPiece(), 10_000, 1) > 30);
  }

  @Test
  void noRunIsLongerThanTheLimit() {
    for (int maxCopy = CopyGuard.LEAST; maxCopy < 12; maxCopy++) {
      for (int seed = 0; seed < 5; seed++) {
        assertEquals(maxCopy, longestCopy(new RhythmTokenizer(), rhythmPiece(), maxCopy, seed));
        assertTrue(longestCopy(new SeedTokenizer(), seedPiece(), maxCopy, seed) <= maxCopy);
      }
    }
  }

  /** So few keys in so long a piece that many runs of the greatest length have no new way on. */
  @Test
  void itKeepsOutOfDeadEnds() {
    for (int maxCopy = CopyGuard.LEAST; maxCopy < 7; maxCopy++) {
      var random = new Random(maxCopy);
      var piece = new ArrayList<String>();
      for (int i = 0; i < 16 * Math.pow(3, maxCopy); i++) {
        piece.add("n" + (60 + 2 * (int) Math.abs(random.nextGaussian() * 1.5)));
        piece.add("|");
      }
      for (int seed = 0; seed < 100; seed++) {
        assertEquals(maxCopy, longestCopy(new RhythmTokenizer(), piece, maxCopy, seed));
      }
    }
  }

  @Test
  void aRunMayBeginInThePrimerButNotInWhatIsNoPartOfThePiece() {
    var vocabulary = Vocabulary.build(List.of(List.of("C4", "D4", "E4", "F4", "G4")), 1);
    int[] scale = vocabulary.encode(List.of("C4", "D4", "E4", "F4", "G4"));
    var learned = new Fingerprints(List.of(new Fingerprint("x", "02457")));
    for (int unwritten : new int[] {0, 4}) {
      Reading reading = new SeedTokenizer().reading(vocabulary);
      var guard = new CopyGuard(learned, reading, vocabulary.size(), 4, unwritten);
      for (int i = 0; i < 4; i++) {
        guard.played(scale[i]);
      }
      assertEquals(unwritten == 0, guard.refuses(scale[4]));
    }
  }

  /** The looking ahead gives way, the limit never. */
  @Test
  void whereEveryNoteEndsDeadOneIsTakenAllTheSame() {
    var vocabulary = Vocabulary.build(List.of(List.of("C4")), 1);
    Reading reading = new SeedTokenizer().reading(vocabulary);
    var guard =
        new CopyGuard(new Fingerprints(List.of(new Fingerprint("x", "0000000"))), reading, 1, 4, 0);
    var sampler = new Sampler(FREE, 0, reading, 1, List.of(guard));
    for (int i = 0; i < 3; i++) {
      assertFalse(guard.endsDead(0), "after " + i);
      sampler.next(new float[] {0});
    }
    assertTrue(guard.endsDead(0));
    assertEquals(0, sampler.next(new float[] {0}));
    assertTrue(guard.refuses(0));
  }

  @Test
  void whereEveryNoteIsRefusedItSaysSo() {
    var vocabulary = Vocabulary.build(List.of(List.of("C4")), 1);
    Reading reading = new SeedTokenizer().reading(vocabulary);
    var learned = new Fingerprints(List.of(new Fingerprint("x", "0000000")));
    var guard = new CopyGuard(learned, reading, vocabulary.size(), 4, 0);
    var sampler = new Sampler(FREE, 0, reading, 1, List.of(guard));
    for (int i = 0; i < 4; i++) {
      sampler.next(new float[] {0});
    }
    assertThrows(UnplayableException.class, () -> sampler.next(new float[] {0}));
  }

  /** There is always another beat or length to tell, but never a note again. */
  @Test
  void whereEveryNoteIsRefusedItSaysSoThoughOtherTokensAreLeft() {
    var vocabulary = Vocabulary.build(List.of(List.of("|", "p12", "v2", "d6", "n60", "n72")), 1);
    Reading reading = new RhythmTokenizer().reading(vocabulary);
    var learned = new Fingerprints(List.of(new Fingerprint("x", "0000000")));
    var guard = new CopyGuard(learned, reading, vocabulary.size(), 4, 0);
    var sampler = new Sampler(FREE, 0, reading, vocabulary.size(), List.of(guard));
    assertEquals(4, strokesUntilUnplayable(sampler, vocabulary));
  }

  @Test
  void aVocabularyWithoutNotesIsUnplayable() {
    var vocabulary = Vocabulary.build(List.of(List.of("|", "p12", "v2")), 1);
    var reading = new RhythmTokenizer().reading(vocabulary);
    var sampler = new Sampler(FREE, 0, reading, vocabulary.size(), List.of());
    assertEquals(0, strokesUntilUnplayable(sampler, vocabulary));
  }

  /** A model that always wants the same word, which the grammar forbids beside the last note. */
  @Test
  void whereTheGrammarLeavesNothingANoteIsStruck() {
    var vocabulary = Vocabulary.build(List.of(List.of("|", "v2", "n40", "n80")), 1);
    Reading reading = new RhythmTokenizer().reading(vocabulary);
    Guard low =
        new Guard() {
          @Override
          public boolean refuses(int id) {
            return vocabulary.token(id).equals("n80");
          }

          @Override
          public void played(int id) {}
        };
    var sampler =
        new Sampler(new Sampling(0, 0, 1, 0, 0), 0, reading, vocabulary.size(), List.of(low));
    // Two words about a note that would have to be higher than n40.
    sampler.heard(vocabulary.encode(List.of("n40", "v2")));
    float[] logits = new float[vocabulary.size()];
    logits[vocabulary.encode(List.of("v2"))[0]] = 9;
    assertEquals("n40", vocabulary.token(sampler.next(logits)));
  }

  private static int strokesUntilUnplayable(Sampler sampler, Vocabulary vocabulary) {
    int strokes = 0;
    for (int i = 0; i < 10_000; i++) {
      try {
        strokes += sampler.strikes(sampler.next(new float[vocabulary.size()])) ? 1 : 0;
      } catch (UnplayableException e) {
        return strokes;
      }
    }
    return fail("it goes on for ever, after %d strokes".formatted(strokes));
  }

  @Test
  void aLimitBelowFourIsRefused() {
    Reading reading = new SeedTokenizer().reading(Vocabulary.build(List.of(), 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new CopyGuard(new Fingerprints(List.of()), reading, 0, 3, 0));
  }
}
