package dev.impromptu.music.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
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

class WavRendererTest {
  private static final int CHANNELS = 2;

  @TempDir Path folder;

  private ShortBuffer render(Score score) throws Exception {
    Path file = folder.resolve("x.wav");
    WavRenderer.write(score, file);
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

    assertEquals(2.0 + WavRenderer.TAIL_SECONDS, samples.limit() / 2 / 44_100.0, 0.001);
    assertEquals(0, loudest(samples, 0, 1.45), 30);
    assertTrue(loudest(samples, 1.5, 1.9) > 1000, "it is heard after 1.5 seconds");
    assertTrue(loudest(samples, 3.9, 3.99) < 200, "it has died away at the end");
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

    assertThrows(
        IllegalArgumentException.class, () -> WavRenderer.write(score, folder.resolve("x.wav")));
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
    assertTrue(output.contains(WavRenderer.REQUIRED_FLAG), output);
  }

  /** Started as a program of its own. */
  static final class WithoutTheFlag {
    public static void main(String[] args) {
      try {
        WavRenderer.write(new Score("x", 480, List.of(), List.of()), Path.of(args[0]));
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
