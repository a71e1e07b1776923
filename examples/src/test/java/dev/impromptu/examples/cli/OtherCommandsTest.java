package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.SourceDataLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherCommandsTest {
  @TempDir Path folder;

  @Test
  void inspectTellsWhatWasFoundAndRepaired() throws IOException {
    Path file = folder.resolve("tune.mid");
    MidiWriter.write(Tunes.tune(0, 12), file);
    Ran whole = Ran.impromptu("inspect", file).well();
    assertEquals(12, whole.number("notes"));
    assertEquals(0, whole.number("repairs"));
    assertEquals("100.0", whole.figure("slowest_tempo"));

    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 9));
    Ran cut = Ran.impromptu("inspect", file).well();
    assertTrue(cut.number("repairs") > 0);
    assertTrue(cut.figure("repair").contains("Track"), cut.out());
  }

  @Test
  void inspectTellsTheKeyAndTheMelodysStatistics() throws IOException {
    Path file = folder.resolve("tune.mid");
    MidiWriter.write(Tunes.tune(0, 40), file);

    Ran ran = Ran.impromptu("inspect", file).well();

    assertEquals("C major", ran.figure("key"));
    assertEquals("0.000", ran.figure("melody_tonal_deviation"));
    assertTrue(Double.parseDouble(ran.figure("melody_pitch_range")) > 0, ran.out());
  }

  @Test
  void inspectTellsHowMuchOfALongMelodyItLookedAt() throws IOException {
    Path file = folder.resolve("tune.mid");
    MidiWriter.write(Tunes.tune(0, 40), file);
    assertEquals(40, Ran.impromptu("inspect", file).well().number("melody_notes"));

    MidiWriter.write(Tunes.tune(0, 20_000), file);
    Ran ran = Ran.impromptu("inspect", file).well();
    assertEquals("the first 10000 of 20000", ran.figure("melody_notes"));
    assertEquals(20_000, ran.number("notes"));
  }

  @Test
  void whereThereIsNoSoundDevicePlayingSaysSo() throws IOException {
    var line = new DataLine.Info(SourceDataLine.class, new AudioFormat(44_100, 16, 2, true, false));
    assumeFalse(AudioSystem.isLineSupported(line), "this machine would play it aloud");
    Path file = folder.resolve("tune.mid");
    MidiWriter.write(Tunes.tune(0, 4), file);

    Ran.impromptu("play", file).refused(1, "no sound device", "--wav");
    Ran.impromptu("play", folder.resolve("none.mid")).refused(1, "there is no such file");
  }

  @Test
  void inspectRefusesWhatIsNoMidi() throws IOException {
    Path file = Files.writeString(folder.resolve("a.mid"), "hello");
    Ran.impromptu("inspect", file).refused(1, "a.mid", "is no MIDI file", "MThd");
    Ran.impromptu("inspect", folder).refused(1, "is a folder");
    Ran.impromptu("inspect", folder.resolve("none.mid")).refused(1, "there is no such file");
  }

  @Test
  void theDemoLeavesItsFilesAndTheirModelComposes() throws IOException {
    Path out = folder.resolve("demo");
    for (int run = 0; run < 2; run++) {
      Ran ran = Ran.impromptu("demo", "--out", out, "--epochs", 1).well();
      for (String file : List.of("demo.mid", "demo.png", "demo.wav", "curves.png")) {
        assertTrue(Files.size(out.resolve(file)) > 0, file);
        assertTrue(ran.out().contains(out.resolve(file).toString()), ran.out());
      }
      boolean learned = Double.parseDouble(ran.figure("times_commonest")) >= 1.5;
      assertEquals(!learned, ran.out().contains("It is NOT 1.5 times as good"), ran.out());
    }
    Path model = out.resolve("model");
    Path piece = folder.resolve("piece.mid");
    Ran.impromptu("compose", "--model", model, "--notes", 2, "--out", piece).well();
    Ran.impromptu("evaluate", "--model", model, "--songbook").well();
  }

  @Test
  void theSinusoidTellsItsScoresAndDrawsItsWaves() throws IOException {
    Path out = folder.resolve("waves");
    Ran ran = Ran.impromptu("sinusoid", "--out", out, "--epochs", 1, "--phases", 300).well();
    assertEquals(201, ran.number("tokens"));
    assertEquals(32, ran.number("receptive_field"));
    assertTrue(Double.parseDouble(ran.figure("one_step_percent")) > 1, ran.out());
    assertTrue(Double.parseDouble(ran.figure("one_step_of_unseen_windows_percent")) > 1, ran.out());
    double worst = Double.parseDouble(ran.figure("worst_rms"));
    for (int period : Sinusoids.PERIODS) {
      assertTrue(Double.parseDouble(ran.figure("rms_period_" + period)) <= worst, ran.out());
    }
    assertTrue(Files.size(out.resolve("sinusoid.png")) > 0);
  }

  @Test
  void theDoctorNamesEveryBackendAndEndsWithAdvice() {
    Ran ran = Ran.impromptu("doctor").well();
    Device.providers().forEach(provider -> ran.figure("backend_" + provider.name()));
    assertEquals(Device.best().name(), ran.figure("taken"));
    assertTrue(ran.out().lines().toList().getLast().startsWith("advice: "), ran.out());
  }

  @Test
  void aDeviceThatIsAskedForIsNeverReplaced() {
    Ran ran =
        Ran.impromptu("train", "--songbook", "--out", folder.resolve("m"), "--device", "cuda");
    ran.refused(1, "cuda");
  }

  @Test
  void aPrecisionThatTheProcessorLacksIsRefused() {
    String out = folder.resolve("m").toString();
    Ran.impromptu("train", "--songbook", "--out", out, "--device", "cpu", "--precision", "bf16")
        .refused(1, "cpu multiplies in fp32 only, not in bf16");
    assertTrue(Files.notExists(folder.resolve("m")));
  }
}
