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
 * @param originality how much of it stands in pieces learned from
 */
record Composition(Score score, double primerBeats, Originality originality) {
  /**
   * How much of a piece stands in pieces learned from, of those of its notes that the model knows.
   *
   * @param composed the longest run that holds a note that was composed; may begin in the primer
   * @param primer the longest run within the primer
   * @param primerNotes notes of the primer
   */
  record Originality(
      Optional<Fingerprints.Copy> composed, Optional<Fingerprints.Copy> primer, int primerNotes) {
    /**
     * Looks for them.
     *
     * @param ids of the piece
     * @param primer so many of them are the primer's
     */
    static Originality of(TrainedModel model, int[] ids, int primer) {
      Fingerprint whole = Fingerprint.of("", reading(model), ids);
      Fingerprint begin = Fingerprint.of("", reading(model), Arrays.copyOf(ids, primer));
      return new Originality(
          model.fingerprints().longestCopy(whole, begin.length()),
          model.fingerprints().longestCopy(begin),
          begin.length());
    }

    void tell(Session session) {
      session.figure("longest_copy", composed.map(this::told).orElse("none"));
      session.figure("primer_copy", primer.map(this::told).orElse("none"));
    }

    private String told(Fingerprints.Copy copy) {
      String how =
          copy.transposition() == 0
              ? "not transposed"
              : "transposed %+d".formatted(copy.transposition());
      int end = copy.start() + copy.notes();
      boolean across = copy.start() < primerNotes && end > primerNotes;
      String where =
          across ? ", the first %d in the primer".formatted(primerNotes - copy.start()) : "";
      return "%d notes from %s (%s%s)".formatted(copy.notes(), copy.title(), how, where);
    }
  }

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
              primer.context(), wish.notes(), sampler(model, wish, primer, seed), heartbeat::done);
    } catch (UnplayableException e) {
      throw new InputException(
          "--max-copy %d leaves no note to go on with; give a larger limit or another primer, or leave it out"
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
        Originality.of(model, primer.written() ? ids : added, primer.written() ? heard : 0));
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

  private static Sampler sampler(TrainedModel model, Wish wish, Primer primer, long seed) {
    int unwritten = primer.written() ? 0 : primer.context().length;
    List<Guard> strict =
        wish.maxCopy().isEmpty()
            ? List.of()
            : List.of(copyGuard(model, wish.maxCopy().getAsInt(), unwritten));
    return new Sampler(wish.sampling(), seed, reading(model), model.vocabulary().size(), strict);
  }

  /** Keeps a piece from copying more notes than are allowed. */
  static CopyGuard copyGuard(TrainedModel model, int maxCopy, int unwritten) {
    return new CopyGuard(
        model.fingerprints(), reading(model), model.vocabulary().size(), maxCopy, unwritten);
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
    originality.tell(session);
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
