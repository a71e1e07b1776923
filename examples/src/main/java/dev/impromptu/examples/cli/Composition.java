package dev.impromptu.examples.cli;

import dev.impromptu.music.model.Composer;
import dev.impromptu.music.originality.CopyGuard;
import dev.impromptu.music.originality.Fingerprint;
import dev.impromptu.music.originality.Fingerprints;
import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.music.render.PianoRoll;
import dev.impromptu.music.render.Sound;
import dev.impromptu.music.sample.Guard;
import dev.impromptu.music.sample.Sampler;
import dev.impromptu.music.sample.Sampling;
import dev.impromptu.music.sample.UnplayableException;
import dev.impromptu.music.score.Pedalling;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.TempoMap;
import dev.impromptu.music.token.Reading;
import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A finished piece.
 *
 * @param score the primer and what follows
 * @param primerBeats where what follows begins
 * @param copy its longest run of notes that stands in a piece learned from, the primer aside
 */
record Composition(Score score, double primerBeats, Optional<Fingerprints.Copy> copy) {
  /**
   * What is wanted of a piece.
   *
   * @param notes to add to the primer
   * @param sampling how they are chosen
   * @param maxCopy no longer run of notes may stand in a piece learned from
   * @param beatsPerMinute replaces the primer's tempo where it is given
   */
  record Wish(int notes, Sampling sampling, OptionalInt maxCopy, OptionalDouble beatsPerMinute) {}

  /**
   * Where the forms of a piece go.
   *
   * @param midi the notes
   * @param wav the sound, if wanted
   * @param mp3 the sound in a small file, if wanted
   * @param png the picture, if wanted
   */
  record Files(Path midi, @Nullable Path wav, @Nullable Path mp3, @Nullable Path png) {}

  /**
   * Composes.
   *
   * @param title stands above the picture
   */
  static Composition compose(
      Session session,
      TrainedModel model,
      Device device,
      String title,
      Primer primer,
      Wish wish,
      long seed) {
    requireNotes(model);
    var composer = new Composer(model.model(), device, model.settings().data().contextLength());
    var heartbeat = new Heartbeat(session, "composing", wish.notes(), "notes");
    int heard = primer.context().length;
    int[] ids;
    try {
      ids =
          composer.compose(
              primer.context(), wish.notes(), sampler(model, wish, heard, seed), heartbeat::done);
    } catch (UnplayableException e) {
      throw new InputException(
          "--max-copy %d leaves no note to go on with; give a larger limit or leave it out"
              .formatted(wish.maxCopy().orElseThrow()));
    }
    int[] added = Arrays.copyOfRange(ids, heard, ids.length);
    Score continuation =
        model
            .tokenizer()
            .continuation(primer.score(), primer.tokens(), model.vocabulary().decode(added));
    int begin = Scores.firstTick(continuation);
    return new Composition(
        Scores.join(
            title,
            primer.score(),
            continuation.withPedals(Pedalling.of(continuation, begin)),
            wish.beatsPerMinute()),
        (double) begin / continuation.ticksPerBeat(),
        model.fingerprints().longestCopy(Fingerprint.of(title, reading(model), added)));
  }

  private static void requireNotes(TrainedModel model) {
    Reading reading = reading(model);
    int known = model.vocabulary().size();
    if (IntStream.range(0, known).allMatch(id -> reading.keys(id).length == 0)) {
      throw new InputException(
          "%s: none of the %d tokens that the model knows is a note, so it cannot compose; train one with a smaller --min-count"
              .formatted(model.checkpoint().directory(), known));
    }
  }

  private static Reading reading(TrainedModel model) {
    return model.tokenizer().reading(model.vocabulary());
  }

  private static Sampler sampler(TrainedModel model, Wish wish, int heard, long seed) {
    Reading reading = reading(model);
    int tokens = model.vocabulary().size();
    List<Guard> strict =
        wish.maxCopy().isEmpty()
            ? List.of()
            : List.of(
                new CopyGuard(
                    model.fingerprints(), reading, tokens, wish.maxCopy().getAsInt(), heard));
    return new Sampler(wish.sampling(), seed, reading, tokens, strict);
  }

  /** Writes every form that is wanted and tells what was written. */
  void write(Session session, Files files) throws IOException {
    if (files.wav() != null || files.mp3() != null) {
      checkSoundLength(files);
    }
    MidiWriter.write(score, files.midi());
    session.figure("written", files.midi());
    if (files.png() != null) {
      PianoRoll.write(score, OptionalDouble.of(primerBeats), files.png());
      session.figure("written", files.png());
    }
    if (files.wav() != null || files.mp3() != null) {
      writeSound(session, files);
    }
    session.figure("notes", score.noteCount());
    session.figure("distinct_pitches", Scores.distinctPitches(score));
    session.figure("seconds", TempoMap.seconds(score), 1);
    session.figure("longest_copy", copy.map(Composition::told).orElse("none"));
  }

  private void writeSound(Session session, Files files) throws IOException {
    try (Sound sound = Sound.render(score)) {
      if (files.wav() != null) {
        sound.wav(files.wav());
        session.figure("written", files.wav());
      }
      if (files.mp3() != null) {
        sound.mp3(files.mp3());
        session.figure("written", files.mp3());
      }
    }
  }

  private static String told(Fingerprints.Copy copy) {
    String how =
        copy.transposition() == 0
            ? "not transposed"
            : "transposed %+d".formatted(copy.transposition());
    return "%d notes from %s (%s)".formatted(copy.notes(), copy.title(), how);
  }

  private void checkSoundLength(Files files) {
    double seconds = TempoMap.seconds(score);
    if (seconds > Sound.MAX_SECONDS) {
      throw new InputException(
          String.format(
              Locale.ROOT,
              "%s: the piece lasts %.0f seconds, but sound may last %.0f at most; ask for fewer"
                  + " --notes or leave %s out",
              files.wav() == null ? files.mp3() : files.wav(),
              seconds,
              Sound.MAX_SECONDS,
              files.wav() == null ? "--mp3" : files.mp3() == null ? "--wav" : "--wav and --mp3"));
    }
  }
}
