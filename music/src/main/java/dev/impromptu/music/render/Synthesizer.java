package dev.impromptu.music.render;

import dev.impromptu.music.score.Score;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import javax.sound.midi.InvalidMidiDataException;
import javax.sound.midi.MetaMessage;
import javax.sound.midi.MidiDevice;
import javax.sound.midi.MidiEvent;
import javax.sound.midi.MidiMessage;
import javax.sound.midi.MidiSystem;
import javax.sound.midi.MidiUnavailableException;
import javax.sound.midi.Sequence;
import javax.sound.midi.ShortMessage;
import javax.sound.midi.Track;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;

/**
 * The JDK's software synthesizer, opened as a stream of sound that is made as fast as it is read.
 *
 * <p>Its classes are named by strings, because {@code javac --release} knows no package that the
 * JDK does not export.
 */
final class Synthesizer implements AutoCloseable {
  private static final String CLASS = "com.sun.media.sound.SoftSynthesizer";
  private static final String INTERFACE = "com.sun.media.sound.AudioSynthesizer";

  /**
   * A key is heard two control periods after its event. At the usual 147 a second that is 14 to 17
   * milliseconds, at this rate 2 to 5.
   */
  private static final Map<String, Object> SETTINGS =
      Map.of("max polyphony", "256", "control rate", "1000");

  private static final int TEMPO_EVENT = 0x51;
  private static final double DEFAULT_MICROSECONDS_PER_BEAT = 500_000;

  private final MidiDevice device;
  private final AudioInputStream sound;

  private Synthesizer(MidiDevice device, AudioInputStream sound) {
    this.device = device;
    this.sound = sound;
  }

  static Synthesizer open(AudioFormat format) throws IOException {
    try {
      Class<?> synthesizer = Class.forName(CLASS);
      var device = (MidiDevice) synthesizer.getConstructor().newInstance();
      var openStream =
          Class.forName(INTERFACE).getMethod("openStream", AudioFormat.class, Map.class);
      return new Synthesizer(
          device, (AudioInputStream) openStream.invoke(device, format, SETTINGS));
    } catch (IllegalAccessException e) {
      throw new IOException(
          "the JDK's synthesizer is not exported to this program; start Java with "
              + Sound.REQUIRED_FLAG,
          e);
    } catch (InvocationTargetException e) {
      throw new IOException("the JDK's synthesizer could not be opened: " + e.getCause(), e);
    } catch (ReflectiveOperationException e) {
      throw new IOException("this Java has no software synthesizer: " + e, e);
    }
  }

  /** The sound of all that is scheduled; endless. */
  AudioInputStream sound() {
    return sound;
  }

  /** Sends every event of {@code score} ahead of time, stamped with when it is to be heard. */
  void schedule(Score score) throws IOException {
    try {
      // What is heard is what would be written.
      Sequence sequence = MidiSystem.getSequence(new ByteArrayInputStream(MidiWriter.bytes(score)));
      send(sequence);
    } catch (InvalidMidiDataException | MidiUnavailableException e) {
      throw new IOException("the JDK's synthesizer does not take the score: " + e.getMessage(), e);
    }
  }

  private void send(Sequence sequence) throws MidiUnavailableException {
    var receiver = device.getReceiver();
    double perTick = DEFAULT_MICROSECONDS_PER_BEAT / sequence.getResolution();
    double microseconds = 0;
    long tick = 0;
    for (MidiEvent event : events(sequence)) {
      microseconds += (event.getTick() - tick) * perTick;
      tick = event.getTick();
      MidiMessage message = event.getMessage();
      if (message instanceof MetaMessage meta && meta.getType() == TEMPO_EVENT) {
        byte[] data = meta.getData();
        int perBeat = (data[0] & 0xFF) << 16 | (data[1] & 0xFF) << 8 | data[2] & 0xFF;
        perTick = (double) perBeat / sequence.getResolution();
      } else if (message instanceof ShortMessage) {
        receiver.send(message, Math.round(microseconds));
      }
    }
  }

  /** All events by tick; the sort is stable, so the tempo track comes first within a tick. */
  private static List<MidiEvent> events(Sequence sequence) {
    var events = new ArrayList<MidiEvent>();
    for (Track track : sequence.getTracks()) {
      for (int i = 0; i < track.size(); i++) {
        events.add(track.get(i));
      }
    }
    events.sort(Comparator.comparingLong(MidiEvent::getTick));
    return events;
  }

  @Override
  public void close() throws IOException {
    sound.close();
    device.close();
  }
}
