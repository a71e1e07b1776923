package dev.impromptu.music.midi;

import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Tempo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the events of one track. Every step consumes at least one byte, and no length is believed
 * before it is compared with the bytes there are, so any input ends in bounded time and memory.
 */
final class TrackReader {
  /** The last tick kept, so that sums of two ticks stay in range. */
  static final int LAST_TICK = Integer.MAX_VALUE / 2;

  private static final int PERCUSSION_CHANNEL = 9;
  private static final int DAMPER_PEDAL = 64;
  private static final int PEDAL_DOWN = 64;
  private static final int CHANNELS = 16;

  private final byte[] bytes;
  private final int limit;
  private final boolean stopsAtTrack;
  private final String label;
  private final Repairs repairs;
  private final NotePairing pairing = new NotePairing();
  private final List<Tempo> tempos = new ArrayList<>();

  private int position;
  private int tick;
  private int channelStatus;
  private boolean running;
  private boolean ended;
  private final List<Pedal> pedals = new ArrayList<>();
  private final boolean[] pedalDown = new boolean[CHANNELS];
  private final int[] pressedAt = new int[CHANNELS];
  private int percussionCount;
  private String name = "";

  /**
   * @param limit where to stop reading, at most the number of bytes
   * @param stopsAtTrack whether a track header between events ends the track: wanted when the
   *     stated length cannot be believed
   * @param label begins each sentence about this track
   */
  TrackReader(
      byte[] bytes, int start, int limit, boolean stopsAtTrack, String label, Repairs repairs) {
    this.bytes = bytes;
    this.position = start;
    this.limit = limit;
    this.stopsAtTrack = stopsAtTrack;
    this.label = label;
    this.repairs = repairs;
  }

  /** Where reading stopped. */
  int position() {
    return position;
  }

  Track read() {
    while (!ended && position < limit && !(stopsAtTrack && trackHeader())) {
      int delta = variableLength();
      if (position >= limit) {
        repair("ends inside an event");
        break;
      }
      if (delta > LAST_TICK - tick) {
        repair("has an event after tick " + LAST_TICK + "; the rest was passed over");
        position = limit;
        break;
      }
      tick += delta;
      event();
    }
    if (!ended) {
      repair("has no end-of-track event");
    }
    int hanging = pairing.close(tick);
    if (hanging > 0) {
      repair(
          hanging
              + (hanging == 1 ? " note is" : " notes are")
              + " never released, ended at the next note of the same key or with the track");
    }
    if (percussionCount > 0) {
      repair(percussionCount + " notes of the percussion channel were left out");
    }
    return new Track(name, pairing.notes(), List.copyOf(tempos), pedals(), tick);
  }

  private void event() {
    int first = bytes[position] & 0xFF;
    if (first >= 0x80) {
      position++;
      switch (first) {
        case 0xFF -> meta();
        case 0xF0, 0xF7 -> systemExclusive();
        default -> {
          if (first > 0xF0) {
            illegal(first);
          } else {
            channelStatus = first;
            running = true;
            channelMessage();
          }
        }
      }
      return;
    }
    if (channelStatus == 0) {
      position++;
      repair("has data before its first status byte, passed over");
      return;
    }
    if (!running) {
      repair("uses running status after a meta or exclusive event, read all the same");
      running = true;
    }
    channelMessage();
  }

  private void channelMessage() {
    int kind = channelStatus >> 4;
    int data1 = data();
    int data2 = kind == 0xC || kind == 0xD || data1 < 0 ? 0 : data();
    if (data1 < 0 || data2 < 0) {
      repair("has an event with a missing byte, passed over");
      return;
    }
    int channel = channelStatus & 0x0F;
    if (kind == 0xB && data1 == DAMPER_PEDAL) {
      pedal(channel, data2 >= PEDAL_DOWN);
    } else if (kind == 0x9 && data2 > 0) {
      if (channel == PERCUSSION_CHANNEL) {
        percussionCount++;
      } else {
        pairing.on(channel, data1, data2, tick);
      }
    } else if (kind == 0x8 || kind == 0x9) {
      pairing.off(channel, data1, tick);
    }
  }

  /**
   * Notes a movement; a half pedal that moves while it is down makes none, and one that is released
   * at the tick at which it was pressed has made none.
   */
  private void pedal(int channel, boolean down) {
    if (down == pedalDown[channel]) {
      return;
    }
    pedalDown[channel] = down;
    if (down) {
      pressedAt[channel] = tick;
    } else if (pressedAt[channel] == tick) {
      pedals.remove(pedals.lastIndexOf(new Pedal(tick, true)));
      return;
    }
    pedals.add(new Pedal(tick, down));
  }

  /** All movements, and at the end of the track a release for every pedal that is down. */
  private List<Pedal> pedals() {
    for (int channel = 0; channel < CHANNELS; channel++) {
      pedal(channel, false);
    }
    return List.copyOf(pedals);
  }

  /**
   * The next data byte, or −1 if another status byte or the end is there. Real-time messages before
   * it, which may interrupt others on a wire but have no place in a file, are passed over.
   */
  private int data() {
    while (position < limit && isRealTime(bytes[position] & 0xFF)) {
      repair(
          String.format(
              "has the real-time byte %02X inside an event, passed over", bytes[position++]));
    }
    return position < limit && bytes[position] >= 0 ? bytes[position++] : -1;
  }

  /** FF would be one too, but begins a meta event in files. */
  private static boolean isRealTime(int status) {
    return status >= 0xF8 && status < 0xFF;
  }

  private void meta() {
    running = false;
    if (position >= limit) {
      repair("ends inside an event");
      return;
    }
    int type = bytes[position++] & 0xFF;
    int length = blockLength();
    int start = position;
    position += length;
    switch (type) {
      case 0x2F -> ended = true;
      case 0x03 -> {
        if (name.isEmpty()) {
          name = new String(bytes, start, length, StandardCharsets.ISO_8859_1).strip();
        }
      }
      case 0x51 -> tempo(start, length);
      default -> {}
    }
  }

  private void tempo(int start, int length) {
    int microseconds = 0;
    for (int i = 0; i < Math.min(length, 3); i++) {
      microseconds = microseconds << 8 | bytes[start + i] & 0xFF;
    }
    if (length < 3 || microseconds == 0) {
      repair("has a tempo of no length, passed over");
    } else {
      tempos.add(new Tempo(tick, 60e6 / microseconds));
    }
  }

  private void systemExclusive() {
    running = false;
    position += blockLength();
  }

  /** A system common or real-time message, which has no place in a file. */
  private void illegal(int status) {
    running = false;
    repair(String.format("has the illegal status byte %02X, passed over", status));
    int dataBytes =
        switch (status) {
          case 0xF1, 0xF3 -> 1;
          case 0xF2 -> 2;
          default -> 0;
        };
    for (int i = 0; i < dataBytes; i++) {
      data();
    }
  }

  /** The stated length of a meta or exclusive event, cut to the bytes there are. */
  private int blockLength() {
    int length = variableLength();
    if (length > limit - position) {
      repair("ends inside an event");
      return limit - position;
    }
    return length;
  }

  /** A variable-length quantity of at most four bytes, as the standard has it. */
  private int variableLength() {
    int value = 0;
    for (int i = 0; i < 4 && position < limit; i++) {
      int b = bytes[position++];
      value = value << 7 | b & 0x7F;
      if (b >= 0) {
        return value;
      }
    }
    if (position < limit) {
      repair("has a number of more than four bytes");
    }
    return value;
  }

  private boolean trackHeader() {
    return position + 8 <= limit
        && bytes[position] == 'M'
        && bytes[position + 1] == 'T'
        && bytes[position + 2] == 'r'
        && bytes[position + 3] == 'k';
  }

  private void repair(String what) {
    repairs.add(label + ": " + what);
  }
}
