package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.midi.MidiReader;
import dev.impromptu.music.originality.Fingerprint;
import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.tensor.Device;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ComposeCommandTest {
  @TempDir static Path models;
  private static Path tunes = Path.of("");
  private static Path model = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void trainOnce() throws IOException {
    tunes = Tunes.folder(models.resolve("tunes"));
    model = Tunes.model(tunes, models.resolve("model"));
  }

  private Ran compose(String out, Object... more) {
    List<Object> words = new ArrayList<>(List.of("compose", "--model", model));
    words.addAll(List.of("--notes", 24, "--out", folder.resolve(out)));
    words.addAll(List.of(more));
    return Ran.impromptu(words.toArray());
  }

  private byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(folder.resolve(name));
  }

  private Score score(String name) throws IOException {
    return MidiReader.read(folder.resolve(name)).score();
  }

  private static List<Note> notes(Score score) {
    return score.parts().stream().flatMap(part -> part.notes().stream()).toList();
  }

  @Test
  void withoutAModelTheOneThatComesWithTheProgramComposes() throws IOException {
    Path piece = folder.resolve("schubert.mid");
    Ran ran = Ran.impromptu("compose", "--notes", 64, "--out", piece);

    assertEquals(0, ran.status(), ran.err());
    assertEquals("built in, Schubert", ran.figure("model"));
    assertTrue(
        notes(MidiReader.read(piece).score()).stream().map(Note::pitch).distinct().count() >= 12);
  }

  @Test
  void everyPrimerThatComesWithTheProgramTellsItsTempo() throws IOException {
    TrainedModel trained = Pretrained.open(Device.best());
    assertEquals(16, trained.primers().size());
    for (int[] primer : trained.primers()) {
      List<String> words = trained.vocabulary().decode(primer);
      assertEquals(32, words.size());
      assertTrue(words.getFirst().startsWith("t"), words.toString());
    }
  }

  /** Nine of them stand whole in a piece that was learned from. */
  @Test
  void aPrimerThatComesWithTheProgramIsCutToTheLimit() throws IOException {
    TrainedModel trained = Pretrained.open(Device.best());
    for (int limit : new int[] {4, 8, 12}) {
      for (int seed = 0; seed < 40; seed++) {
        int[] whole = Primer.drawn(trained, OptionalInt.empty(), seed).context();
        int[] cut = Primer.drawn(trained, OptionalInt.of(limit), seed).context();

        assertArrayEquals(Arrays.copyOf(whole, cut.length), cut);
        assertTrue(copied(trained, cut) <= limit && copied(trained, cut) >= 3, "seed " + seed);
        assertTrue(copied(trained, whole) > limit || cut.length == whole.length);
      }
    }
  }

  private static int copied(TrainedModel trained, int[] ids) {
    Fingerprint fingerprint =
        Fingerprint.of("", trained.tokenizer().reading(trained.vocabulary()), ids);
    return trained.fingerprints().longestCopy(fingerprint).orElseThrow().notes();
  }

  @Test
  void oneSeedGivesEqualFilesAndAnotherOthers() throws IOException {
    for (String name : List.of("a", "b")) {
      compose(
              name + ".mid",
              "--wav",
              folder.resolve(name + ".wav"),
              "--png",
              folder.resolve(name + ".png"))
          .well();
    }
    compose("c.mid", "--seed", 1).well();
    compose("d.mid", "--recall", 1).well();

    for (String kind : List.of(".mid", ".wav", ".png")) {
      assertArrayEquals(bytes("a" + kind), bytes("b" + kind), kind);
    }
    assertFalse(Arrays.equals(bytes("a.mid"), bytes("c.mid")));
    assertFalse(Arrays.equals(bytes("a.mid"), bytes("d.mid")));
  }

  @Test
  void itTellsWhatItWrote() throws IOException {
    Ran ran = compose("a.mid").well();
    Score score = score("a.mid");

    assertEquals(folder.resolve("a.mid").toString(), ran.figure("written"));
    assertEquals(score.noteCount(), ran.number("notes"));
    assertEquals(32 + 24, score.noteCount());
    assertEquals(
        notes(score).stream().mapToInt(Note::pitch).distinct().count(),
        ran.number("distinct_pitches"));
    assertEquals("14.0", ran.figure("seconds"));
  }

  @Test
  void soundThatWouldBeTooLongIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path primer = folder.resolve("primer.mid");
    Note endless = new Note(60, 0, 500 * Tunes.TICKS, 80);
    MidiWriter.write(
        new Score("", Tunes.TICKS, List.of(new Part("", List.of(endless))), List.of()), primer);
    Path wav = folder.resolve("a.wav");

    compose("a.mid", "--primer", primer, "--tempo", 4, "--wav", wav)
        .refused(1, "7200 at most; ask for fewer --notes or leave --wav out");
    Path mp3 = folder.resolve("a.mp3");
    compose("a.mid", "--primer", primer, "--tempo", 4, "--wav", wav, "--mp3", mp3)
        .refused(1, "ask for fewer --notes or leave --wav and --mp3 out");

    assertFalse(Files.exists(folder.resolve("a.mid")) || Files.exists(wav));
  }

  /** Pieces shorter than the context give a model none to begin with. */
  @Test
  void whereThereIsNothingToBeginWithItSaysWhatIsMissing() throws IOException {
    Path best = Files.createDirectories(folder.resolve("bare/best"));
    try (var files = Files.list(model.resolve("best"))) {
      for (Path file : files.toList()) {
        Files.copy(file, best.resolve(file.getFileName()));
      }
    }
    Path json = best.resolve("model.json");
    String text = Files.readString(json);
    Files.writeString(json, text.replaceFirst("(?s)\"primers\".*", "\"primers\": []}"));
    Path primer = folder.resolve("primer.mid");
    MidiWriter.write(Tunes.keys(90, new int[] {61, 62, 63}, new int[] {61, 63, 66}), primer);

    Path bare = folder.resolve("bare");
    Path out = folder.resolve("a.mid");
    Ran.impromptu("compose", "--model", bare, "--out", out)
        .refused(1, "holds no primers to begin with; give a MIDI file with --primer");
    Ran.impromptu("compose", "--model", bare, "--out", out, "--primer", primer)
        .refused(1, "primer.mid", "knows none of its 2 tokens and holds no primers to go on from");
  }

  @Test
  void severalPiecesAreNumbered() throws IOException {
    compose("x.mid", "--count", 3, "--png", folder.resolve("y.png")).well();

    try (var files = Files.list(folder)) {
      assertEquals(
          List.of("x-1.mid", "x-2.mid", "x-3.mid", "y-1.png", "y-2.png", "y-3.png"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    assertFalse(Arrays.equals(bytes("x-1.mid"), bytes("x-2.mid")));
  }

  @Test
  void thePieceBeginsWithThePrimerAtItsTempo() throws IOException {
    Path primer = folder.resolve("primer.mid");
    MidiWriter.write(Tunes.tune(3, 40), primer);

    Ran ran = compose("a.mid", "--primer", primer).well();
    Score score = score("a.mid");

    assertEquals(40, ran.number("primer_tokens"));
    assertEquals(0, ran.number("primer_unknown_tokens"));
    assertEquals(notes(MidiReader.read(primer).score()), notes(score).subList(0, 40), "the primer");
    assertEquals(64, score.noteCount());
    assertEquals(40 * Tunes.TICKS, notes(score).get(40).onset());
    assertEquals(100, score.tempos().getFirst().beatsPerMinute(), 0.01);

    compose("b.mid", "--primer", primer, "--tempo", 72).well();
    assertEquals(72, score("b.mid").tempos().getFirst().beatsPerMinute(), 0.01);
  }

  @Test
  void aShortPrimerIsTakenAndTold() throws IOException {
    Path primer = folder.resolve("primer.mid");
    MidiWriter.write(Tunes.keys(90, new int[] {60}, new int[] {61, 62, 63}), primer);

    Ran ran = compose("a.mid", "--primer", primer).well();

    assertEquals(1, ran.number("primer_unknown_tokens"));
    assertTrue(ran.err().contains("knows 1 of the primer's 2 tokens"), ran.err());
    assertTrue(ran.err().contains("1 known tokens where the model was trained on 32"), ran.err());
    assertEquals(4 + 24, score("a.mid").noteCount());
  }

  @Test
  void aPrimerOfUnknownNotesIsTakenAndTold() throws IOException {
    Path primer = folder.resolve("primer.mid");
    MidiWriter.write(Tunes.keys(90, new int[] {61, 62, 63}), primer);

    Ran ran = compose("a.mid", "--primer", primer).well();

    assertTrue(ran.err().contains("knows none"), ran.err());
    assertEquals(3 + 24, score("a.mid").noteCount());
  }

  @Test
  void badPrimersAreRefused() throws IOException {
    compose("a.mid", "--primer", folder.resolve("no.mid")).refused(1, "there is no such file");
    Path text = Files.writeString(folder.resolve("text.mid"), "no music");
    compose("a.mid", "--primer", text).refused(1, "is no MIDI file");
    Path silent = folder.resolve("silent.mid");
    MidiWriter.write(Tunes.keys(90), silent);
    compose("a.mid", "--primer", silent).refused(1, "holds no notes");
    compose("text.mid", "--primer", text).refused(2, "is the primer");
    assertFalse(Files.exists(folder.resolve("a.mid")));
  }

  @Test
  void damagedModelsAreToldInOneSentence() throws IOException {
    Path own = Tunes.model(tunes, folder.resolve("own"));
    Path values = own.resolve("best/model.safetensors");
    byte[] whole = Files.readAllBytes(values);
    Files.write(values, Arrays.copyOf(whole, whole.length / 2));
    Ran.impromptu("compose", "--model", own, "--out", folder.resolve("a.mid"))
        .refused(1, "model.safetensors", "damaged");

    Files.write(values, whole);
    Path description = own.resolve("best/model.json");
    String json = Files.readString(description, StandardCharsets.UTF_8);
    Files.writeString(description, json.substring(0, json.length() / 2));
    Ran.impromptu("compose", "--model", own, "--out", folder.resolve("a.mid"))
        .refused(1, "model.json", "damaged");
    Files.writeString(description, json.replace("\"primers\"", "\"other\""));
    Ran.impromptu("compose", "--model", own, "--out", folder.resolve("a.mid"))
        .refused(1, "primers");
    Files.writeString(
        description, json.replaceFirst("(\"primers\":\\s*\\[\\s*\\[\\s*)\\d+", "$1777"));
    Ran.impromptu("compose", "--model", own, "--out", folder.resolve("a.mid"))
        .refused(1, "met token 777", "expected 0 to 6");
    assertFalse(Files.exists(folder.resolve("a.mid")));
  }

  @Test
  void whatIsNoModelIsRefused() throws IOException {
    Path out = folder.resolve("a.mid");
    Ran.impromptu("compose", "--model", folder.resolve("no"), "--out", out)
        .refused(1, "is not there", "train");
    Ran.impromptu("compose", "--model", folder, "--out", out).refused(1, "holds no model");
    Ran.impromptu("compose", "--model", model.resolve("last"), "--notes", 1, "--out", out).well();
  }

  @Test
  void itTellsTheLongestRunThatStandsInAPieceLearnedFrom() {
    Ran ran = compose("a.mid").well();

    String copy = ran.figure("longest_copy");
    assertTrue(
        copy.matches("\\d+ notes from tune-\\d\\.mid \\((not transposed|transposed [+-]\\d)\\)"),
        copy);
  }

  @Test
  void theSoundIsCompressedWhenAsked() throws IOException {
    Path mp3 = folder.resolve("a.mp3");
    Ran ran = compose("a.mid", "--mp3", mp3).well();

    assertTrue(ran.out().contains("written: " + mp3), ran.out());
    byte[] encoded = Files.readAllBytes(mp3);
    assertEquals(0xFFFB, (encoded[0] & 0xFF) << 8 | encoded[1] & 0xFF, "an MPEG 1 layer 3 frame");
    double seconds = Double.parseDouble(ran.figure("seconds")) + 2;
    assertEquals(seconds * 192_000 / 8, encoded.length, 5_000);
  }

  @Test
  void noneOfSeveralPiecesOverwritesThePrimer() throws IOException {
    Path primer = folder.resolve("a-2.mid");
    MidiWriter.write(Tunes.tune(0, 40), primer);
    byte[] before = bytes("a-2.mid");

    compose("a.mid", "--primer", primer, "--count", 3).refused(2, "a-2.mid", "is the primer");
    assertFalse(Files.exists(folder.resolve("a-1.mid")));
    compose("a-2.mid", "--primer", primer).refused(2, "a-2.mid", "is the primer");
    assertArrayEquals(before, bytes("a-2.mid"));

    // Its own name is free, since pieces have numbers.
    compose("a-2.mid", "--primer", primer, "--count", 2).well();
    assertArrayEquals(before, bytes("a-2.mid"));
    assertTrue(Files.exists(folder.resolve("a-2-1.mid")));
  }

  @Test
  void aNumberedNameMayBeAFolder() throws IOException {
    Files.createDirectory(folder.resolve("a-2.mid"));
    compose("a.mid", "--count", 2).refused(2, "a-2.mid is a folder");
    assertFalse(Files.exists(folder.resolve("a-1.mid")));
  }

  @Test
  void itGoesIntoFoldersThatItMakesAndOverNone() {
    compose("new/a.mid").well();
    assertTrue(Files.exists(folder.resolve("new/a.mid")));
    compose("new").refused(2, "is a folder");
  }

  /** Only one sentence: not a note was composed. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aPlaceWhereNothingCanBeWrittenIsToldBeforeComposing() {
    compose("/proc/x/a.mid").refused(1, "/proc/x/a.mid cannot be written", "name a place");
    compose("a.mid", "--png", "/proc/a.png").refused(1, "/proc/a.png cannot be written");
    assertFalse(Files.exists(folder.resolve("a.mid")));
  }

  @Test
  void lookingWhetherAPlaceCanBeWrittenLeavesNothingThere() throws IOException {
    Path out = folder.resolve("new/place/a.mid");
    Ran.impromptu("compose", "--model", folder.resolve("no"), "--out", out)
        .refused(1, "is not there");
    Path file = Files.writeString(folder.resolve("file"), "");
    compose("file/a.mid").refused(1, file + ": is a file, expected a folder");
    assertEquals(List.of("file"), names(folder));
  }

  @Test
  void aPrimerThatNoFileCouldHoldIsRefusedBeforeComposing() throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(HexFormat.of().parseHex("4d546864000000060000000101e04d54726b"));
    byte[] strike = {0, (byte) 0x90, 60, 64};
    int strikes = 70_000;
    byte[] end = {1, (byte) 0xFF, 0x2F, 0};
    bytes.writeBytes(ByteBuffer.allocate(4).putInt(strikes * strike.length + end.length).array());
    for (int i = 0; i < strikes; i++) {
      bytes.writeBytes(strike);
    }
    bytes.writeBytes(end);
    Path primer = Files.write(folder.resolve("primer.mid"), bytes.toByteArray());

    compose("a.mid", "--primer", primer)
        .refused(1, "primer.mid cannot begin a piece", "more than 65534 tracks", "another primer");
  }

  /** A signal is needed for that, so a process of its own. */
  @Test
  void whenItIsInterruptedNothingHalfWrittenStays() throws Exception {
    Path primer = folder.resolve("primer.mid");
    MidiWriter.write(Tunes.tune(0, 600), primer);
    Path temporaries = Files.createDirectory(folder.resolve("temporaries"));
    Path out = Files.createDirectory(folder.resolve("out"));
    Path log = folder.resolve("log");
    Process process =
        Ran.start(
            log,
            temporaries,
            "compose",
            "--model",
            model,
            "--primer",
            primer,
            "--notes",
            1,
            "--out",
            out.resolve("a.mid"),
            "--mp3",
            out.resolve("a.mp3"));
    try {
      while (process.isAlive() && names(out).stream().noneMatch(name -> name.contains(".mp3."))) {
        Thread.sleep(5);
      }
      assertTrue(names(temporaries).stream().anyMatch(name -> name.endsWith(".f32")));
      process.destroy();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }

    assertTrue(process.exitValue() > 128, "status " + process.exitValue() + Files.readString(log));
    assertEquals(List.of("a.mid"), names(out));
    assertEquals(
        List.of(),
        names(temporaries).stream().filter(name -> name.startsWith("impromptu")).toList());
  }

  private static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void whatTheReaderRepairedInAPrimerIsTold() throws IOException {
    Path primer = folder.resolve("primer.mid");
    MidiWriter.write(Tunes.keys(90, new int[] {60}, new int[] {62}), primer);
    byte[] whole = Files.readAllBytes(primer);
    Files.write(primer, Arrays.copyOf(whole, whole.length - 4));

    Ran ran = compose("a.mid", "--primer", primer).well();

    assertTrue(ran.err().lines().anyMatch(line -> line.startsWith("note: " + primer)), ran.err());
  }

  @Test
  void figuresAreWrittenAlikeEverywhere() {
    Locale here = Locale.getDefault(Locale.Category.FORMAT);
    Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR"));
    try {
      Ran ran = compose("a.mid").well();
      assertTrue(ran.figure("longest_copy").matches("[0-9]+ notes from .*"), ran.out());
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, here);
    }
  }
}
