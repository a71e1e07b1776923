package dev.impromptu.music.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.token.RhythmTokenizer;
import dev.impromptu.music.token.SeedTokenizer;
import dev.impromptu.music.token.Tokenizer;
import dev.impromptu.music.token.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NotesGuardTest {
  private static final int BAR_BEATS = 4;
  private static final Vocabulary RHYTHM =
      Vocabulary.build(
          List.of(
              Stream.concat(
                      Stream.of("t80 | h v2 v4 v6 d6 d12 d24 d96 p6 p8 p12 p16 p18".split(" ")),
                      IntStream.range(30, 90).mapToObj(key -> "n" + key))
                  .toList()),
          1);
  private static final Vocabulary SEED =
      Vocabulary.build(
          List.of(
              Stream.concat(
                      Stream.of("4.7.0", "2.5", "0"),
                      IntStream.range(48, 84).mapToObj(SeedTokenizer::noteName))
                  .toList()),
          1);

  private static Score compose(
      Tokenizer tokenizer, Vocabulary vocabulary, long seed, IntFunction<float[]> logits) {
    var sampler =
        new Sampler(
            Sampling.DEFAULTS, seed, tokenizer.reading(vocabulary), vocabulary.size(), List.of());
    var tokens = new ArrayList<String>();
    for (int notes = 0; notes < 128; ) {
      int id = sampler.next(logits.apply(tokens.size()));
      tokens.add(vocabulary.token(id));
      notes += sampler.strikes(id) ? 1 : 0;
    }
    return tokenizer.score("", tokens);
  }

  private static void assertVaried(Score score, String what) {
    List<Note> notes = score.parts().getFirst().notes();
    long keys = notes.stream().map(Note::pitch).distinct().count();
    assertTrue(keys >= 12, what + ": " + keys + " keys");
    int bar = BAR_BEATS * score.ticksPerBeat();
    List<String> bars = new ArrayList<>();
    for (int i = 0; i <= notes.getLast().onset() / bar; i++) {
      int number = i;
      bars.add(
          notes.stream()
              .filter(note -> note.onset() / bar == number)
              .map(note -> note.onset() % bar + ":" + note.pitch())
              .sorted()
              .toList()
              .toString());
    }
    int running = 1;
    for (int i = 1; i < bars.size(); i++) {
      running = bars.get(i).equals(bars.get(i - 1)) ? running + 1 : 1;
      assertTrue(running <= 4, what + ": bar " + i + " for the fifth time: " + bars.get(i));
    }
  }

  private static float[] favouring(Vocabulary vocabulary, int... ids) {
    float[] logits = new float[vocabulary.size()];
    for (int i = 0; i < ids.length; i++) {
      logits[ids[i]] = 50 - i;
    }
    return logits;
  }

  @Test
  void evenAModelThatWantsOneTokenForeverIsVaried() {
    for (int id = 0; id < RHYTHM.size(); id++) {
      float[] logits = favouring(RHYTHM, id);
      assertVaried(compose(new RhythmTokenizer(), RHYTHM, id, at -> logits), RHYTHM.token(id));
    }
    for (int id = 0; id < SEED.size(); id++) {
      float[] logits = favouring(SEED, id);
      assertVaried(compose(new SeedTokenizer(), SEED, id, at -> logits), SEED.token(id));
    }
  }

  @Test
  void evenAModelThatWantsOneBarForeverIsVaried() {
    String[] bar = "n48 | n60 n64 | n60 n64 p12 n67 | n55 |".split(" ");
    float[][] logits =
        Stream.of(bar)
            .map(w -> favouring(RHYTHM, RHYTHM.encode(List.of(w))))
            .toArray(float[][]::new);
    for (int seed = 0; seed < 20; seed++) {
      assertVaried(
          compose(new RhythmTokenizer(), RHYTHM, seed, at -> logits[at % bar.length]),
          "seed " + seed);
    }
  }

  @Test
  void evenAModelThatWantsAFewKeysForeverIsVaried() {
    var random = new Random(3);
    for (int round = 0; round < 100; round++) {
      int[] wanted = random.ints(1 + random.nextInt(5), 0, RHYTHM.size()).toArray();
      float[] logits = favouring(RHYTHM, wanted);
      assertVaried(compose(new RhythmTokenizer(), RHYTHM, round, at -> logits), "round " + round);
    }
  }

  @Test
  void noKeyIsMoreThanTwelveOfTheLastThirtyTwo() {
    float[] logits = favouring(RHYTHM, RHYTHM.encode(List.of("n60", "n62", "|")));
    List<Note> notes =
        compose(new RhythmTokenizer(), RHYTHM, 1, at -> logits).parts().getFirst().notes();
    for (int from = 0; from + 32 <= notes.size(); from++) {
      long share =
          notes.subList(from, from + 32).stream().filter(note -> note.pitch() == 60).count();
      assertTrue(share <= 12, share + " of 32 from note " + from);
    }
  }

  @Test
  void whateverTheLogitsEveryStrokeIsHeard() {
    var random = new Random(9);
    for (int round = 0; round < 200; round++) {
      Score score =
          compose(
              new RhythmTokenizer(),
              RHYTHM,
              round,
              at -> {
                float[] logits = new float[RHYTHM.size()];
                for (int id = 0; id < logits.length; id++) {
                  logits[id] = (float) random.nextGaussian() * 4;
                }
                return logits;
              });
      assertEquals(128, score.noteCount());
      var tokenizer = new RhythmTokenizer();
      assertEquals(
          score.parts(), tokenizer.score("", tokenizer.tokens(score)).parts(), "no key twice");
    }
  }
}
