package dev.impromptu.music.midi;

import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Reads Standard MIDI Files (formats 0, 1 and 2, bare or in a RIFF wrapper) leniently: what can be
 * understood is kept, and what had to be repaired is told. A file is refused only when it has no
 * MIDI header among its first 4,096 bytes, ends inside it, or is larger than {@link #MAX_BYTES}.
 *
 * <p>Notes are paired within a track: each note-on with the first later unused note-off of its
 * channel and key. The tracks of a format 2 file are pieces of their own and are laid end to end.
 *
 * <p>Source: <i>Standard MIDI Files 1.0</i> and <i>RIFF-RMID (RP-029)</i>, MIDI Manufacturers
 * Association.
 */
public final class MidiReader {
  /** The largest file read, in bytes. */
  public static final int MAX_BYTES = 64 << 20;

  /** The resolution taken when the header states none, in ticks per beat. */
  static final int DEFAULT_TICKS_PER_BEAT = 480;

  /**
   * How far into a file its header is looked for; other programs put headers of their own first.
   */
  private static final int HEADER_SEARCH_BYTES = 4096;

  /** As many as the header can state. */
  private static final int MOST_TRACKS = 65_535;

  /** As many chunks that lead from one to the next are no coincidence. */
  private static final int MOST_CHUNKS_FOLLOWED = 8;

  private static final int HEADER = tag("MThd");
  private static final int TRACK = tag("MTrk");
  private static final int RIFF = tag("RIFF");

  private final String name;
  private final byte[] bytes;
  private final Repairs repairs = new Repairs();
  private final List<Track> tracks = new ArrayList<>();

  private MidiReader(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  /**
   * Reads a file.
   *
   * @throws MidiException if there is no such file, it is larger than {@link #MAX_BYTES} or it is
   *     no MIDI file
   * @throws IOException if the file cannot be read
   */
  public static MidiFile read(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (Files.isDirectory(file)) {
      throw new MidiException(file + ": is a folder, expected a MIDI file");
    }
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new MidiException(file + ": there is no such file");
    }
    if (bytes.length > MAX_BYTES) {
      throw new MidiException(
          file + ": holds more than " + (MAX_BYTES >> 20) + " MiB, too much for a MIDI file");
    }
    return read(name, bytes);
  }

  /**
   * Reads a file that is in memory already.
   *
   * @param name the title of the score, also used in messages
   * @throws MidiException if {@code bytes} are no MIDI file
   */
  public static MidiFile read(String name, byte[] bytes) throws MidiException {
    return new MidiReader(name, bytes).read();
  }

  private MidiFile read() throws MidiException {
    int start = findHeader();
    if (bytes.length < start + 14) {
      throw new MidiException(
          name
              + ": ends inside its header, after "
              + (bytes.length - start)
              + " of 14 bytes; expected a whole MIDI file");
    }
    int format = shortAt(start + 8);
    int declaredTracks = shortAt(start + 10);
    int division = (short) shortAt(start + 12);
    if (format > 2) {
      repairs.add("The header states format " + format + ", read as format 1");
      format = 1;
    }
    int position = start + 14;
    long headerLength = lengthAt(start + 4);
    if (headerLength > 6 && !trackAt(position) && chunksFrom(start + 8 + headerLength)) {
      repairs.add("The header is " + headerLength + " bytes long instead of 6");
      position = (int) (start + 8 + headerLength);
    } else if (headerLength != 6) {
      repairs.add("The header states a length of " + headerLength + " bytes, read as 6");
    }
    readChunks(position);
    if (tracks.size() != declaredTracks) {
      repairs.add(
          "The header states " + declaredTracks + " tracks, " + tracks.size() + " were found");
    }
    if (format == 0 && tracks.size() > 1) {
      repairs.add("Format 0 allows one track, read as format 1");
      format = 1;
    }
    if (format == 2 && tracks.size() > 1) {
      repairs.add("The tracks of this format 2 file are pieces of their own, laid end to end");
      layEndToEnd();
    }
    int pedals = tracks.stream().mapToInt(Track::pedalCount).sum();
    return new MidiFile(score(division), format, tracks.size(), pedals, repairs.sentences());
  }

  private int findHeader() throws MidiException {
    if (bytes.length == 0) {
      throw new MidiException(name + ": is empty, expected a MIDI file, which begins with MThd");
    }
    int end = Math.min(bytes.length - 3, HEADER_SEARCH_BYTES);
    for (int i = 0; i < end; i++) {
      if (intAt(i) == HEADER) {
        if (i > 0) {
          repairs.add(
              intAt(0) == RIFF
                  ? "The file stands in a RIFF wrapper"
                  : "The header is preceded by " + i + " other bytes");
        }
        return i;
      }
    }
    throw new MidiException(
        name
            + ": is no MIDI file: it begins with "
            + beginning()
            + ", expected MThd (bytes 4D 54 68 64)");
  }

  private String beginning() {
    var hex = new StringBuilder("bytes");
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      hex.append(String.format(Locale.ROOT, " %02X", bytes[i]));
    }
    return hex.toString();
  }

  private void readChunks(int from) {
    int position = from;
    while (position + 8 <= bytes.length) {
      long end = position + 8 + lengthAt(position + 4);
      boolean trusted = chunksFrom(end);
      if (tracks.size() == MOST_TRACKS) {
        repairs.add("What follows track " + MOST_TRACKS + " was passed over");
        return;
      }
      if (intAt(position) == TRACK) {
        position = readTrack(position + 8, end, trusted);
      } else if (trusted && chunkAt(position)) {
        repairs.add("A chunk named " + tagAt(position) + " was passed over");
        position = (int) end;
      } else {
        int next = findTrack(position + 1);
        repairs.add(
            next < 0
                ? (bytes.length - position) + " bytes after the last track were passed over"
                : (next - position) + " bytes between tracks were passed over");
        position = next < 0 ? bytes.length : next;
      }
    }
    if (position < bytes.length) {
      repairs.add((bytes.length - position) + " bytes after the last track were passed over");
    }
  }

  /**
   * Reads the track whose events begin at {@code start} and returns where the next chunk begins.
   *
   * @param trusted whether the stated end can be believed; otherwise the track ends at its
   *     end-of-track event, or at the header of another
   */
  private int readTrack(int start, long declaredEnd, boolean trusted) {
    String label = "Track " + (tracks.size() + 1);
    int limit = trusted ? (int) declaredEnd : bytes.length;
    var reader = new TrackReader(bytes, start, limit, !trusted, label, repairs);
    tracks.add(reader.read());
    int stop = reader.position();
    if (trusted && !(stop < limit && trackAt(stop))) {
      if (stop < limit) {
        repairs.add(label + ": " + (limit - stop) + " bytes after its end were passed over");
      }
      return limit;
    }
    if (stop != declaredEnd) {
      repairs.add(
          label
              + ": states a length of "
              + (declaredEnd - start)
              + " bytes, but its events end after "
              + (stop - start));
    }
    return stop;
  }

  /**
   * Whether a chunk may end at {@code position}: at the end of the file, at a track, or at other
   * chunks whose lengths lead to one of these. Four letters alone prove nothing, since the keys,
   * velocities and times of notes are letters too.
   */
  private boolean chunksFrom(long position) {
    long at = position;
    for (int chunk = 0; chunk < MOST_CHUNKS_FOLLOWED; chunk++) {
      if (at == bytes.length || trackAt(at)) {
        return true;
      }
      if (!chunkAt(at)) {
        return false;
      }
      at += 8 + lengthAt((int) at + 4);
    }
    return true;
  }

  private boolean trackAt(long position) {
    return chunkAt(position) && intAt((int) position) == TRACK;
  }

  private boolean chunkAt(long position) {
    if (position < 0 || position + 8 > bytes.length) {
      return false;
    }
    for (int i = 0; i < 4; i++) {
      int c = bytes[(int) position + i];
      if (c < ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  private int findTrack(int from) {
    for (int i = from; i + 8 <= bytes.length; i++) {
      if (intAt(i) == TRACK) {
        return i;
      }
    }
    return -1;
  }

  private void layEndToEnd() {
    long shift = 0;
    boolean marked = false;
    var laid = new ArrayList<Track>();
    for (Track track : tracks) {
      if (shift + track.endTick() > TrackReader.LAST_TICK) {
        repairs.add("The pieces from number " + (laid.size() + 1) + " on are too late to be kept");
        break;
      }
      Track next = (marked ? track.withTempo() : track).later((int) shift);
      marked |= !next.tempos().isEmpty();
      laid.add(next);
      shift += track.endTick();
    }
    tracks.clear();
    tracks.addAll(laid);
  }

  private Score score(int division) {
    List<Part> parts = tracks.stream().map(track -> new Part(track.name(), track.notes())).toList();
    if (division < 0) {
      int frames = -(division >> 8);
      double ticksPerSecond = (frames == 29 ? 29.97 : frames) * Math.max(1, division & 0xFF);
      int ticksPerBeat = (int) Math.max(1, Math.round(ticksPerSecond / 2));
      repairs.add(
          "Time is counted in film frames, read as "
              + ticksPerBeat
              + " ticks a beat near 120 beats a minute");
      var tempo = new Tempo(0, 60 * ticksPerSecond / ticksPerBeat);
      return new Score(name, ticksPerBeat, parts, List.of(tempo), pedals());
    }
    int ticksPerBeat = division;
    if (division == 0) {
      ticksPerBeat = DEFAULT_TICKS_PER_BEAT;
      repairs.add("The header states 0 ticks a beat, read as " + DEFAULT_TICKS_PER_BEAT);
    }
    return new Score(name, ticksPerBeat, parts, tempos(), pedals());
  }

  /**
   * The piano has one damper pedal: down while that of any track or channel is. At one tick
   * releases come first, so that what all of them lift and press again at once is lifted.
   */
  private List<Pedal> pedals() {
    var sorted =
        tracks.stream()
            .flatMap(track -> track.pedals().stream())
            .sorted(Comparator.comparingInt(Pedal::tick).thenComparing(Pedal::down))
            .toList();
    var moved = new ArrayList<Pedal>();
    int pressed = 0;
    for (Pedal pedal : sorted) {
      int before = pressed;
      pressed += pedal.down() ? 1 : -1;
      if (Math.min(before, pressed) == 0 && Math.max(before, pressed) == 1) {
        moved.add(pedal);
      }
    }
    return moved;
  }

  /** The marks of all tracks by ascending tick; of several at one tick the last one read holds. */
  private List<Tempo> tempos() {
    var sorted =
        tracks.stream()
            .flatMap(track -> track.tempos().stream())
            .sorted(Comparator.comparingInt(Tempo::tick))
            .toList();
    var marks = new ArrayList<Tempo>();
    for (Tempo mark : sorted) {
      if (!marks.isEmpty() && marks.getLast().tick() == mark.tick()) {
        marks.removeLast();
      }
      marks.add(mark);
    }
    return marks;
  }

  private int shortAt(int position) {
    return (bytes[position] & 0xFF) << 8 | bytes[position + 1] & 0xFF;
  }

  private int intAt(int position) {
    return position + 4 > bytes.length ? 0 : shortAt(position) << 16 | shortAt(position + 2);
  }

  private long lengthAt(int position) {
    return intAt(position) & 0xFFFFFFFFL;
  }

  private String tagAt(int position) {
    return new String(bytes, position, 4, StandardCharsets.US_ASCII);
  }

  private static int tag(String name) {
    byte[] b = name.getBytes(StandardCharsets.US_ASCII);
    return b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
  }
}
