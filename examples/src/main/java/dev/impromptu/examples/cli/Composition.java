package dev.impromptu.examples.cli;

import dev.impromptu.music.model.Composer;
import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.music.render.PianoRoll;
import dev.impromptu.music.render.WavRenderer;
import dev.impromptu.music.sample.Sampler;
import dev.impromptu.music.sample.Sampling;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.TempoMap;
import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A finished piece.
 *
 * @param score the primer and what follows
 * @param primerBeats where the primer ends
 */
record Composition(Score score, double primerBeats) {
  /**
   * Where the forms of a piece go.
   *
   * @param midi the notes
   * @param wav the sound, if wanted
   * @param png the picture, if wanted
   */
  record Files(Path midi, @Nullable Path wav, @Nullable Path png) {}

  /**
   * Composes.
   *
   * @param title stands above the picture
   * @param notes tokens to add to the primer
   * @param beatsPerMinute replaces the primer's tempo where it is given
   */
  static Composition compose(
      Session session,
      TrainedModel model,
      Device device,
      String title,
      Primer primer,
      int notes,
      Sampling sampling,
      long seed,
      OptionalDouble beatsPerMinute) {
    var composer = new Composer(model.model(), device, model.settings().data().contextLength());
    var heartbeat = new Heartbeat(session, "composing", notes, "notes");
    int[] ids =
        composer.compose(primer.context(), notes, new Sampler(sampling, seed), heartbeat::done);
    int[] added = Arrays.copyOfRange(ids, primer.context().length, ids.length);
    List<String> tokens = model.vocabulary().decode(added);
    Score continuation = model.tokenizer().score(title, tokens);
    return new Composition(
        Scores.join(title, primer.score(), continuation, beatsPerMinute),
        Scores.nextBeat(primer.score()));
  }

  /** Writes every form that is wanted and tells what was written. */
  void write(Session session, Files files) throws IOException {
    if (files.wav() != null) {
      checkSoundLength(files.wav());
    }
    MidiWriter.write(score, files.midi());
    session.figure("written", files.midi());
    if (files.png() != null) {
      PianoRoll.write(score, OptionalDouble.of(primerBeats), files.png());
      session.figure("written", files.png());
    }
    if (files.wav() != null) {
      WavRenderer.write(score, files.wav());
      session.figure("written", files.wav());
    }
    session.figure("notes", score.noteCount());
    session.figure("distinct_pitches", Scores.distinctPitches(score));
    session.figure("seconds", TempoMap.seconds(score), 1);
  }

  private void checkSoundLength(Path wav) {
    double seconds = TempoMap.seconds(score);
    if (seconds > WavRenderer.MAX_SECONDS) {
      throw new InputException(
          String.format(
              Locale.ROOT,
              "%s: the piece lasts %.0f seconds, but sound may last %.0f at most; ask for fewer"
                  + " --notes or leave --wav out",
              wav,
              seconds,
              WavRenderer.MAX_SECONDS));
    }
  }
}
