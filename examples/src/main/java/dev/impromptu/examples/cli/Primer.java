package dev.impromptu.examples.cli;

import dev.impromptu.music.midi.MidiFile;
import dev.impromptu.music.midi.MidiReader;
import dev.impromptu.music.score.Pedalling;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.train.TrainedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a piece begins with.
 *
 * @param score as it is heard
 * @param tokens what it is written as
 * @param context what the model hears: those of the tokens that it knows
 */
record Primer(Score score, List<String> tokens, int[] context) {
  /** One of the model's own, chosen by the seed. */
  static Primer drawn(TrainedModel model, long seed) {
    if (model.primers().isEmpty()) {
      throw new InputException(
          model.checkpoint().directory()
              + " holds no primers to begin with; give a MIDI file with --primer");
    }
    int[] context = context(model, seed);
    List<String> tokens = model.vocabulary().decode(context);
    Score score = model.tokenizer().score("", tokens);
    return new Primer(score.withPedals(Pedalling.of(score, 0)), tokens, context);
  }

  private static int[] context(TrainedModel model, long seed) {
    int chosen = new SplittableRandom(seed).nextInt(model.primers().size());
    return model.primers().get(chosen);
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
      return new Primer(midi.score(), tokens, context(model, seed));
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
    return new Primer(midi.score(), tokens, known);
  }
}
