package dev.impromptu.music.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import de.sciss.jump3r.lowlevel.LameDecoder;
import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoundTest {
  private static final int CHANNELS = 2;

  @TempDir Path folder;

  private static void wav(Score score, Path file) throws IOException {
    try (Sound sound = Sound.render(score)) {
      sound.wav(file);
    }
  }

  private ShortBuffer render(Score score) throws Exception {
    Path file = folder.resolve("x.wav");
    wav(score, file);
    try (var sound = AudioSystem.getAudioInputStream(file.toFile())) {
      assertEquals(44_100, sound.getFormat().getSampleRate());
      assertEquals(16, sound.getFormat().getSampleSizeInBits());
      assertEquals(CHANNELS, sound.getFormat().getChannels());
      return ByteBuffer.wrap(sound.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    }
  }

  private static int loudest(ShortBuffer samples, double fromSeconds, double toSeconds) {
    int loudest = 0;
    for (int i = (int) (fromSeconds * 44_100); i < toSeconds * 44_100; i++) {
      loudest = Math.max(loudest, Math.abs(samples.get(i * CHANNELS)));
    }
    return loudest;
  }

  @Test
  void aNoteSoundsWhenTheTempoMarksSayAndATailFollows() throws Exception {
    // One beat at 60 and one at 120: the note begins after 1.5 seconds.
    Score score =
        new Score(
            "x",
            480,
            List.of(new Part("", List.of(new Note(69, 960, 480, 100)))),
            List.of(new Tempo(0, 60), new Tempo(480, 120)));

    ShortBuffer samples = render(score);

    assertEquals(2.0 + Sound.TAIL_SECONDS, samples.limit() / 2 / 44_100.0, 0.001);
    assertEquals(0, loudest(samples, 0, 1.45), 30);
    assertTrue(loudest(samples, 1.5, 1.9) > 1000, "it is heard after 1.5 seconds");
    assertTrue(loudest(samples, 3.9, 3.99) < 200, "it has died away at the end");
  }

  /** The power of one frequency, by Goertzel's algorithm, in a stretch of the left channel. */
  private static double power(ShortBuffer samples, double hertz, double from, double to) {
    double coefficient = 2 * Math.cos(2 * Math.PI * hertz / 44_100);
    double before = 0;
    double last = 0;
    int begin = (int) (from * 44_100);
    int end = (int) (to * 44_100);
    for (int i = begin; i < end; i++) {
      double window = Math.sin(Math.PI * (i - begin) / (end - begin));
      double next = samples.get(i * CHANNELS) * window * window + coefficient * last - before;
      before = last;
      last = next;
    }
    return (before * before + last * last - coefficient * before * last) / (end - begin);
  }

  private static double hertz(double key) {
    return 440 * Math.pow(2, (key - 69) / 12);
  }

  @Test
  void theWrittenPitchesAreFoundInTheSpectrumAndTheirNeighboursAreNot() throws Exception {
    int[] chord = {48, 55, 64, 71};
    var notes = IntStream.of(chord).mapToObj(key -> new Note(key, 480, 1440, 90)).toList();
    ShortBuffer samples =
        render(new Score("x", 480, List.of(new Part("", notes)), List.of(new Tempo(0, 120))));

    for (int key : chord) {
      double sounding = power(samples, hertz(key), 0.6, 1.6);
      for (double other : new double[] {key - 1.5, key - 1, key + 1, key + 1.5}) {
        double silent = power(samples, hertz(other), 0.6, 1.6);
        assertTrue(
            sounding > 30 * silent, key + ": " + sounding + ", but at " + other + ": " + silent);
      }
    }
  }

  @Test
  void everyOnsetIsHeardWithinTenMilliseconds() throws Exception {
    int[] onsets = {480, 1103, 1680, 2517};
    var notes = IntStream.of(onsets).mapToObj(tick -> new Note(72, tick, 120, 100)).toList();
    ShortBuffer samples =
        render(new Score("x", 480, List.of(new Part("", notes)), List.of(new Tempo(0, 60))));

    for (int onset : onsets) {
      double written = onset / 480.0;
      int before = loudest(samples, written - 0.05, written - 0.002);
      double heard = written - 0.05;
      while (loudest(samples, heard, heard + 0.001) < 3 * before + 150) {
        heard += 0.0005;
      }
      assertEquals(written, heard, 0.010, "onset at tick " + onset);
    }
  }

  @Test
  void aPedalLetsANoteRingAfterItsKeyIsReleased() throws Exception {
    var note = new Note(48, 0, 240, 100);
    Score dry = new Score("x", 480, List.of(new Part("", List.of(note))), List.of());
    Score wet = dry.withPedals(List.of(new Pedal(10, true), new Pedal(1920, false)));

    int released = loudest(render(dry), 1.2, 1.6);
    int ringing = loudest(render(wet), 1.2, 1.6);

    assertTrue(ringing > 5 * released + 200, ringing + " with, " + released + " without");
  }

  @Test
  void theCompressedSoundIsTheSound() throws Exception {
    Score score =
        new Score("x", 480, List.of(new Part("", List.of(new Note(69, 0, 1920, 100)))), List.of());
    Path mp3 = folder.resolve("x.mp3");
    try (Sound sound = Sound.render(score)) {
      sound.mp3(mp3);
    }
    var decoder = new LameDecoder(mp3.toString());
    // The decoder lays the left samples of a frame before the right ones.
    var frame = ByteBuffer.allocate(1152 * CHANNELS * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    var decoded = ShortBuffer.allocate(2 * 44_100 * CHANNELS);
    while (decoded.remaining() >= 1152 * CHANNELS) {
      decoder.decode(frame, true);
      for (int i = 0; i < 1152; i++) {
        decoded.put(frame.getShort(i * Short.BYTES)).put((short) 0);
      }
    }

    double sounding = power(decoded, 440, 0.5, 1.5);
    assertTrue(sounding > 100 * power(decoded, 466, 0.5, 1.5), "an A is heard");
    assertEquals(power(render(score), 440, 0.5, 1.5), sounding, 0.1 * sounding);
  }

  @Test
  void aWallOfSoundDoesNotClip() throws Exception {
    var everything = IntStream.range(24, 108).mapToObj(p -> new Note(p, 0, 960, 127)).toList();
    Score score = new Score("x", 480, List.of(new Part("", everything)), List.of());

    ShortBuffer samples = render(score);

    int peak = loudest(samples, 0, 2);
    assertTrue(peak > 8_000 && peak <= 32_200, "the peak is " + peak);
  }

  @Test
  void anAbsurdlyLongScoreIsRefused() {
    Score score =
        new Score("x", 1, List.of(new Part("", List.of(new Note(60, 0, 1 << 20, 9)))), List.of());

    assertThrows(IllegalArgumentException.class, () -> Sound.render(score));
  }

  @Test
  void whereTheFlagIsMissingTheMessageNamesIt() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                WithoutTheFlag.class.getName(),
                folder.resolve("x.wav").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());

    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains(Sound.REQUIRED_FLAG), output);
  }

  /** Started as a program of its own. */
  static final class WithoutTheFlag {
    public static void main(String[] args) {
      try {
        wav(new Score("x", 480, List.of(), List.of()), Path.of(args[0]));
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
