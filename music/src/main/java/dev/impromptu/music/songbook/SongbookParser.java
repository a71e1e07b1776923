package dev.impromptu.music.songbook;

import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the songbook's text notation, described in {@code docs/songbook.md}: header lines, then
 * systems of bars, each beginning with {@code @} and its bar number and holding one line a voice.
 */
public final class SongbookParser {
  private static final Pattern SYSTEM =
      Pattern.compile("@(\\d{1,3})( = (\\d{1,3})-(\\d{1,3}))?( [a-z]+)?");
  private static final Pattern VOICE = Pattern.compile("([RL][1-4]?):.*");
  private static final Map<String, Integer> VELOCITIES =
      Map.of("ppp", 28, "pp", 40, "p", 52, "mp", 64, "mf", 76, "f", 88, "ff", 100, "fff", 112);
  private static final int DEFAULT_VELOCITY = 64;

  private final String piece;
  private final Header.Reader headerReader;
  private @Nullable Header header;

  /** Bars by voice, then by bar number. */
  private final Map<String, Map<Integer, List<Event>>> voices = new LinkedHashMap<>();

  private final Map<Integer, Integer> velocities = new TreeMap<>();
  private final Map<String, Integer> systemBars = new LinkedHashMap<>();
  private int nextBar;
  private int systemStart;
  private boolean open;

  private SongbookParser(String piece) {
    this.piece = piece;
    this.headerReader = new Header.Reader(piece);
  }

  /**
   * Reads one piece.
   *
   * @param name the file name, used in messages; without {@code .song} it becomes the piece's id
   * @param text the whole file, lines ended by {@code \n} or {@code \r\n}
   * @return the piece, right hand first
   * @throws SongbookException when the text is not as the grammar wants it
   */
  public static SongbookPiece parse(String name, String text) {
    var parser = new SongbookParser(name);
    int line = 0;
    for (String raw : (Iterable<String>) text.lines()::iterator) {
      line++;
      String content = raw.stripTrailing();
      if (!content.isEmpty() && !content.startsWith("//")) {
        parser.line(line, content);
      }
    }
    return parser.finish(line);
  }

  private void line(int line, String text) {
    if (text.startsWith("@")) {
      if (header == null) {
        header = headerReader.finish(line);
        nextBar = header.firstBar();
      }
      endSystem();
      beginSystem(text);
    } else if (header == null) {
      headerReader.accept(line, text);
    } else {
      voiceLine(header, text);
    }
  }

  private void beginSystem(String text) {
    var match = SYSTEM.matcher(text);
    var place = Place.bar(piece, nextBar, 1);
    if (!match.matches()) {
      throw place.error(
          "cannot read '"
              + text
              + "'; expected @5, @5 p (a dynamic) or @5 = 1-4 (bars 1 to 4 again)");
    }
    if (Integer.parseInt(match.group(1)) != nextBar) {
      throw place.error(
          "'@"
              + match.group(1)
              + "' was met, but the next bar is "
              + nextBar
              + "; number the systems without a gap");
    }
    systemStart = nextBar;
    open = match.group(2) == null;
    String dynamic = match.group(5);
    if (dynamic != null) {
      Integer velocity = VELOCITIES.get(dynamic.strip());
      if (velocity == null) {
        throw place
            .at(match.start(5) + 2)
            .error(
                "unknown dynamic '"
                    + dynamic.strip()
                    + "'; expected ppp, pp, p, mp, mf, f, ff or fff");
      }
      velocities.put(nextBar, velocity);
    }
    if (!open) {
      copy(place, Integer.parseInt(match.group(3)), Integer.parseInt(match.group(4)));
    }
  }

  private void copy(Place place, int from, int to) {
    if (from < 1 || to < from || to >= nextBar) {
      throw place.error(
          "bars "
              + from
              + "-"
              + to
              + " cannot be played again here; expected full bars that stand before bar "
              + nextBar);
    }
    for (var bars : voices.values()) {
      for (int bar = from; bar <= to; bar++) {
        var events = bars.get(bar);
        if (events != null) {
          bars.put(nextBar + bar - from, events);
        }
      }
    }
    nextBar += to - from + 1;
  }

  private void voiceLine(Header header, String text) {
    var match = VOICE.matcher(text);
    if (!match.matches()) {
      throw Place.bar(piece, systemStart, 1)
          .error(
              "unknown voice in '"
                  + text.split("[ :]", 2)[0]
                  + "'; a line of music begins with R:, R2:, R3:, R4:, L:, L2:, L3: or L4:");
    }
    if (!open) {
      throw Place.bar(piece, systemStart, 1)
          .error(
              "a line of music follows bars that are played again; begin a new system @" + nextBar);
    }
    String voice = match.group(1).length() == 1 ? match.group(1) + "1" : match.group(1);
    if (systemBars.containsKey(voice)) {
      throw Place.bar(piece, systemStart, 1)
          .error(
              voice
                  + " stands twice in this system; name the second line "
                  + voice.charAt(0)
                  + "2");
    }
    var bars = voices.computeIfAbsent(voice, key -> new TreeMap<>());
    var reader = new BarReader(voice);
    int column = match.end(1) + 1;
    int bar = systemStart;
    for (String content : text.substring(column).split("\\|", -1)) {
      var place = Place.bar(piece, bar, column + 1);
      boolean closing = content.isBlank() && column + content.length() == text.length();
      if (!closing || bar == systemStart) {
        if (bar > header.lastBar()) {
          throw place.error(
              "the header ends the piece with bar "
                  + header.lastBar()
                  + "; mend 'bars: "
                  + header.bars()
                  + "' or take the bar away");
        }
        bars.put(bar, readBar(reader, bars, place, content, header.ticks(bar)));
        bar++;
      }
      column += content.length() + 1;
    }
    systemBars.put(voice, bar - systemStart);
  }

  private List<Event> readBar(
      BarReader reader, Map<Integer, List<Event>> bars, Place place, String content, int ticks) {
    if (content.strip().equals(".")) {
      return List.of(Event.rest(place, ticks));
    }
    if (!content.strip().equals("%")) {
      return reader.read(place, content, ticks);
    }
    var before = bars.get(place.number() - 1);
    if (before == null || place.number() == 1) {
      throw place.error(
          "% repeats the bar before, but this voice has none there; write the bar out");
    }
    return before;
  }

  private void endSystem() {
    if (!open) {
      return;
    }
    for (String hand : List.of("R1", "L1")) {
      if (!systemBars.containsKey(hand)) {
        throw Place.bar(piece, systemStart, 1)
            .error(
                "this system has no line "
                    + hand.charAt(0)
                    + ":; write . for each bar the hand is silent");
      }
    }
    int expected = systemBars.getOrDefault("R1", 0);
    systemBars.forEach(
        (voice, count) -> {
          if (count != expected) {
            throw Place.bar(piece, systemStart + Math.min(count, expected), 1)
                .error(
                    "unequal number of bars: R1 has "
                        + expected
                        + " in the system that begins with bar "
                        + systemStart
                        + ", but "
                        + voice
                        + " has "
                        + count
                        + "; look for a missing or surplus |");
          }
        });
    systemBars.clear();
    nextBar = systemStart + expected;
    open = false;
  }

  private SongbookPiece finish(int line) {
    if (header == null) {
      throw Place.line(piece, line + 1, 1).error("the music is missing; begin it with a line @1");
    }
    var known = header;
    endSystem();
    if (nextBar - 1 != known.lastBar()) {
      throw Place.bar(piece, nextBar, 1)
          .error(
              "the music ends after bar "
                  + (nextBar - 1)
                  + ", but the header says 'bars: "
                  + known.bars()
                  + "'; add the missing bars or mend the header");
    }
    var hands = List.of(hand(known, "right hand", 'R'), hand(known, "left hand", 'L'));
    var score =
        new Score(
            known.composer() + ": " + known.work(),
            Length.TICKS_PER_BEAT,
            hands,
            List.of(new Tempo(0, known.beatsPerMinute())));
    String id = piece.endsWith(".song") ? piece.substring(0, piece.length() - 5) : piece;
    return new SongbookPiece(id, known.composer(), known.work(), known.bars(), score);
  }

  private Part hand(Header known, String name, char letter) {
    var keyboard = new Keyboard();
    voices.forEach(
        (voice, bars) -> {
          if (voice.charAt(0) == letter) {
            var player = new VoicePlayer(voice, keyboard);
            int velocity = DEFAULT_VELOCITY;
            for (int bar = known.firstBar(); bar <= known.lastBar(); bar++) {
              velocity = velocities.getOrDefault(bar, velocity);
              var rest = Event.rest(Place.bar(piece, bar, 1), known.ticks(bar));
              player.play(bars.getOrDefault(bar, List.of(rest)), velocity);
            }
            player.finish();
          }
        });
    return new Part(name, keyboard.notes());
  }
}
