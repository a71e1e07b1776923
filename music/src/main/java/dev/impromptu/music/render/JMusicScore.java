package dev.impromptu.music.render;

import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.stream.Stream;
import jm.midi.SMF;
import jm.midi.Track;
import jm.midi.event.CChange;
import jm.midi.event.Event;
import jm.midi.event.TempoEvent;
import jm.music.data.Note;
import jm.music.data.Part;
import jm.music.data.Phrase;

/**
 * Scores as jMusic wants them. Two things about its MIDI writer shape this class: it sorts events
 * by time alone, and it ends the JVM on values out of range (ours are checked by our own records).
 */
final class JMusicScore {
  /**
   * Releases are set this much early, in beats: far below a tick, but enough that jMusic's sort
   * puts a release before the next note-on of the same tick however its sums of beats were rounded.
   */
  private static final double RELEASE_EARLIER = 1e-6;

  /** jMusic writes a pan event wherever a note's pan differs from the last, which starts at −1. */
  private static final double NO_PAN_EVENT = -1;

  /** Slower tempos do not fit the three bytes of a tempo event. */
  private static final double SLOWEST = 3.6;

  private static final double FASTEST = 60e6;
  private static final double DEFAULT_TEMPO = 120;

  /** The largest number a MIDI file can hold as a distance between events. */
  private static final long LAST_TICK = 0x0FFFFFFF;

  private static final short DAMPER = 64;
  private static final short DOWN = 127;
  private static final short UP = 0;

  private static final int PIANO = 0;
  private static final int CHANNELS = 16;
  private static final int PERCUSSION_CHANNEL = 9;
  private static final int KEYS = 128;

  /** A note in ticks of the file. */
  private record Span(int pitch, long onset, long release, int velocity) {}

  /** Notes of which none begins before the one before it has ended. */
  private static final class Voice {
    final Phrase phrase = new Phrase(0.0);
    long end;

    void add(Span span) {
      if (span.onset() > end) {
        phrase.addNote(
            new Note(Note.REST, beats(span.onset() - end), Note.MIN_DYNAMIC, NO_PAN_EVENT));
      }
      double length = beats(span.release() - span.onset());
      var note = new Note(span.pitch(), length, span.velocity(), NO_PAN_EVENT);
      note.setDuration(length - RELEASE_EARLIER);
      phrase.addNote(note);
      end = span.release();
    }
  }

  /** Notes of which no two sound on one key at once: a track of the file. */
  private static final class Layer {
    final List<Voice> voices = new ArrayList<>();

    void add(Span span) {
      for (Voice voice : voices) {
        if (voice.end <= span.onset()) {
          voice.add(span);
          return;
        }
      }
      var voice = new Voice();
      voice.add(span);
      voices.add(voice);
    }
  }

  /** One key, which every layer can strike again once it has been released there. */
  private static final class Key {
    private record Busy(long end, int layer) {}

    private final Queue<Busy> sounding = new PriorityQueue<>(Comparator.comparingLong(Busy::end));
    private final Queue<Integer> released = new PriorityQueue<>();
    private int layers;

    /** The first layer in which the key is free. */
    int strike(Span span) {
      while (!sounding.isEmpty() && sounding.peek().end() <= span.onset()) {
        released.add(sounding.remove().layer());
      }
      int layer = released.isEmpty() ? layers++ : released.remove();
      sounding.add(new Busy(span.release(), layer));
      return layer;
    }
  }

  private JMusicScore() {}

  static jm.music.data.Score of(Score score) {
    var converted = new jm.music.data.Score(score.title(), initialTempo(score));
    int tracks = 0;
    for (var part : score.parts()) {
      List<Layer> layers = layers(spans(part, score.ticksPerBeat()));
      if (tracks + layers.size() > MidiWriter.MOST_TRACKS) {
        throw new IllegalArgumentException(
            ("MidiWriter: the score needs more than %d tracks; every part needs one, and one more"
                    + " for each note that sounds while others of its key do: leave some out")
                .formatted(MidiWriter.MOST_TRACKS));
      }
      for (Layer layer : layers) {
        var track = new Part(part.name(), PIANO, channel(tracks++));
        layer.voices.forEach(voice -> track.addPhrase(voice.phrase));
        converted.addPart(track);
      }
    }
    return converted;
  }

  /** Adds the marks after the first tick to the tempo track that jMusic has made. */
  static void addTempoChanges(Score score, SMF smf) {
    var events = tempoTrack(smf);
    long tick = 0;
    for (Tempo mark : marks(score)) {
      long at = tick(mark.tick(), score.ticksPerBeat());
      if (at > 0) {
        // The last event is the end of the track.
        events.add(events.size() - 1, new TempoEvent((int) (at - tick), clamped(mark)));
        tick = at;
      }
    }
  }

  /** Adds the movements of the pedal to every channel, by the first track that plays on it. */
  static void addPedals(Score score, SMF smf) {
    int pedalled = Math.min(smf.getTrackList().size(), CHANNELS);
    for (int track = 1; track < pedalled; track++) {
      List<Object> events = events(smf, track);
      List<Object> merged = new ArrayList<>();
      long tick = 0;
      long eventTick = 0;
      int next = 0;
      for (Object event : events) {
        long time = eventTick + ((Event) event).getTime();
        // Before the notes of its tick, so that a release does not end what is struck with it; but
        // no event may follow the end of the track, whatever its tick.
        boolean last = event == events.getLast();
        while (next < score.pedals().size()) {
          Pedal pedal = score.pedals().get(next);
          long at = tick(pedal.tick(), score.ticksPerBeat());
          if (at > time && !last) {
            break;
          }
          merged.add(
              new CChange(
                  DAMPER, pedal.down() ? DOWN : UP, (short) channel(track - 1), (int) (at - tick)));
          tick = at;
          next++;
        }
        ((Event) event).setTime((int) Math.max(0, time - tick));
        tick = Math.max(tick, time);
        eventTick = time;
        merged.add(event);
      }
      events.clear();
      events.addAll(merged);
    }
  }

  private static List<Object> tempoTrack(SMF smf) {
    return events(smf, 0);
  }

  @SuppressWarnings("unchecked")
  private static List<Object> events(SMF smf, int track) {
    return ((Track) smf.getTrackList().get(track)).getEvtList();
  }

  private static double initialTempo(Score score) {
    double tempo = DEFAULT_TEMPO;
    for (Tempo mark : marks(score)) {
      if (tick(mark.tick(), score.ticksPerBeat()) == 0) {
        tempo = clamped(mark);
      }
    }
    return tempo;
  }

  private static List<Tempo> marks(Score score) {
    return score.tempos().stream()
        .filter(mark -> mark.beatsPerMinute() > 0)
        .sorted(Comparator.comparingInt(Tempo::tick))
        .toList();
  }

  private static double clamped(Tempo mark) {
    return Math.clamp(mark.beatsPerMinute(), SLOWEST, FASTEST);
  }

  private static List<Span> spans(dev.impromptu.music.score.Part part, int ticksPerBeat) {
    return part.notes().stream()
        .map(
            note -> {
              long onset = tick(note.onset(), ticksPerBeat);
              long release = Math.max(tick(note.release(), ticksPerBeat), onset + 1);
              return new Span(note.pitch(), onset, release, note.velocity());
            })
        .sorted(Comparator.comparingLong(Span::onset))
        .toList();
  }

  private static List<Layer> layers(List<Span> spans) {
    var layers = new ArrayList<Layer>();
    Key[] keys = Stream.generate(Key::new).limit(KEYS).toArray(Key[]::new);
    for (Span span : spans) {
      int layer = keys[span.pitch()].strike(span);
      if (layer == layers.size()) {
        layers.add(new Layer());
      }
      layers.get(layer).add(span);
    }
    return layers;
  }

  private static int channel(int track) {
    int channel = track % (CHANNELS - 1);
    return channel < PERCUSSION_CHANNEL ? channel : channel + 1;
  }

  private static long tick(int tick, int ticksPerBeat) {
    long converted = Math.round((double) tick * MidiWriter.TICKS_PER_BEAT / ticksPerBeat);
    if (converted > LAST_TICK) {
      throw new IllegalArgumentException(
          "MidiWriter: the score reaches beat "
              + tick / ticksPerBeat
              + ", but a MIDI file ends before beat "
              + LAST_TICK / MidiWriter.TICKS_PER_BEAT);
    }
    return Math.max(0, converted);
  }

  private static double beats(long ticks) {
    return (double) ticks / MidiWriter.TICKS_PER_BEAT;
  }
}
