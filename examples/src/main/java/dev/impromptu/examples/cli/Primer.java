package dev.impromptu.examples.cli;

import dev.impromptu.music.midi.MidiFile;
import dev.impromptu.music.midi.MidiReader;
import dev.impromptu.music.originality.CopyGuard;
import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.music.score.Pedalling;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.train.TrainedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What a piece begins with.
 *
 * @param score as it is heard
 * @param tokens what it is written as
 * @param context what the model hears: those of the tokens that it knows
 * @param written whether the context is what the score holds; else it stands in for tokens of which
 *     the model knows none
 */
record Primer(Score score, List<String> tokens, int[] context, boolean written) {
  /**
   * One of the model's own, chosen by the seed. With a limit it is cut before it would hold a
   * longer run of a piece learned from, or leave no note to go on with; the next one is taken where
   * nothing is left of it.
   *
   * @param maxCopy no longer run of notes may stand in a piece learned from
   */
  static Primer drawn(TrainedModel model, OptionalInt maxCopy, long seed) {
    if (model.primers().isEmpty()) {
      throw new InputException(
          model.checkpoint().directory()
              + " holds no primers to begin with; give a MIDI file with --primer");
    }
    int count = model.primers().size();
    int first = chosen(model, seed);
    int[] context =
        IntStream.range(0, count)
            .mapToObj(i -> model.primers().get((first + i) % count))
            .map(primer -> maxCopy.isEmpty() ? primer : cut(model, primer, maxCopy.getAsInt()))
            .filter(primer -> primer.length > 0)
            .findFirst()
            .orElseThrow(
                () ->
                    new InputException(
                        "--max-copy %d leaves nothing of the model's primers; give a larger limit, or a MIDI file with --primer"
                            .formatted(maxCopy.orElse(0))));
    List<String> tokens = model.vocabulary().decode(context);
    Score score = model.tokenizer().score("", tokens);
    return new Primer(score.withPedals(Pedalling.of(score, 0)), tokens, context, true);
  }

  private static int chosen(TrainedModel model, long seed) {
    return new SplittableRandom(seed).nextInt(model.primers().size());
  }

  private static int[] cut(TrainedModel model, int[] primer, int maxCopy) {
    CopyGuard guard = Composition.copyGuard(model, maxCopy, 0);
    int kept = 0;
    while (kept < primer.length && !guard.refuses(primer[kept]) && !guard.endsDead(primer[kept])) {
      guard.played(primer[kept++]);
    }
    return Arrays.copyOf(primer, kept);
  }

  /**
   * A file. Where the model knows none of its tokens, the seed chooses what it goes on from.
   *
   * @param session is told how much of it the model knows
   */
  static Primer of(Path file, TrainedModel model, long seed, Session session) throws IOException {
    MidiFile midi = MidiReader.read(file);
    if (midi.score().noteCount() == 0) {
      throw new InputException(file + " holds no notes, expected a primer with some; give another");
    }
    checkWritable(file, midi.score());
    midi.repairs()
        .forEach(repair -> session.note("note: " + file + ": " + Scores.printable(repair)));
    List<String> tokens = model.tokenizer().tokens(midi.score());
    int[] known = model.vocabulary().encode(tokens);
    session.figure("primer_tokens", tokens.size());
    session.figure("primer_unknown_tokens", tokens.size() - known.length);
    int wanted = model.settings().data().contextLength();
    if (known.length == 0 && model.primers().isEmpty()) {
      throw new InputException(
          "%s: %s knows none of its %d tokens and holds no primers to go on from instead; give a primer of music like what it learned from"
              .formatted(file, model.checkpoint().directory(), tokens.size()));
    }
    if (known.length == 0) {
      session.note(
          ("note: the model knows none of the primer's %d tokens, so it goes on as after a"
                  + " primer of its own")
              .formatted(tokens.size()));
      return new Primer(midi.score(), tokens, model.primers().get(chosen(model, seed)), false);
    }
    if (known.length < tokens.size()) {
      session.note(
          "note: the model knows %d of the primer's %d tokens and does not hear the others"
              .formatted(known.length, tokens.size()));
    }
    if (known.length < wanted) {
      session.note(
          ("note: the primer gives %d known tokens where the model was trained on %d, so"
                  + " the beginning may wander")
              .formatted(known.length, wanted));
    }
    return new Primer(midi.score(), tokens, known, true);
  }

  /** The piece will hold it, and is not composed in vain. */
  private static void checkWritable(Path file, Score score) {
    try {
      MidiWriter.bytes(score);
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "%s cannot begin a piece: %s; give another primer".formatted(file, e.getMessage()));
    }
  }
}
