package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.train.TrainingPlan;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class UsageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                                   | demo",
        "nonsense                                             | nonsense",
        "dataset                                              | --midi=DIR | --songbook",
        "dataset --songbook --midi x                          | mutually exclusive",
        "dataset --songbook --split page                      | piece, passage or window",
        "dataset --songbook --min-count 0                     | --min-count",
        "dataset --songbook --fold 6                          | 1 to 5",
        "dataset --songbook --transpose 7                     | at most 6",
        "dataset --songbook --fold 1 --split window           | --split piece",
        "dataset --songbook --tokens words                    | seed or rhythm",
        "train --songbook                                     | --out",
        "train --songbook --out x --arch gru                  | expected lstm or wavenet",
        "train --songbook --out x --curriculum 1x25,4         | notes ahead, x and epochs",
        "train --songbook --out x --curriculum 9x1            | at most 8",
        "train --songbook --out x --curriculum 1x1 --epochs 2 | one of them",
        "train --songbook --out x --precision fp8             | fp32",
        "train --songbook --out x --device gpu                | auto, cpu or cuda",
        "train --songbook --out x --epochs 0                  | --epochs",
        "train --songbook --out x --epochs many               | --epochs",
        "train --songbook --out x --batch 0                   | --batch",
        "train --songbook --out x --lr 0                      | --lr",
        "train --songbook --out x --limit-windows 0           | --limit-windows",
        "train --songbook --out x --lookahead jump            | carry, slide or teacher",
        "train --songbook --out x --resume --force            | --resume",
        "train --songbook --out x --faithful --epochs 0       | --epochs",
        "evaluate --songbook                                  | --model",
        "evaluate --songbook --model x --on some              | train, validation, test or all",
        "evaluate --songbook --model x --checkpoint first     | best or last",
        "evaluate --songbook --model x --steps-ahead 0        | --steps-ahead",
        "compose                                              | --out",
        "compose --out x.mid --mp3 x.mid                      | named twice",
        "compose --out x.mid --max-copy 3                     | at least 4",
        "compose --out x.mid --notes 0                        | --notes",
        "compose --out x.mid --notes 9999999                  | at most",
        "compose --out x.mid --count 0                        | --count",
        "compose --out x.mid --count 2147483647               | at most 100000",
        "train --songbook --out x --epochs 100000             | at most 99999",
        "compose --out x.mid --temperature -1                 | --temperature",
        "compose --out x.mid --top-k -1                       | --top-k",
        "compose --out x.mid --top-p 0                        | --top-p",
        "compose --out x.mid --recall 1.5                     | from 0 to 1",
        "compose --out x.mid --tempo 0                        | --tempo",
        "compose --out x.mid --wav x.mid                      | twice",
        "sinusoid --seed many                                 | --seed",
        "play                                                 | FILE.mid",
        "inspect                                              | FILE.mid",
        "doctor --loud                                        | --loud"
      })
  void badUsageIsToldInOneSentence(String line, String word) {
    Object[] words = line.isEmpty() ? new Object[0] : line.split(" +");
    Ran.impromptu(words).refused(2, word);
  }

  @Test
  void noHelpNamesAnOptionThatItsCommandLacks() {
    var nobody = new PrintWriter(new StringWriter());
    Pattern name = Pattern.compile("--[a-z]+(-[a-z]+)*");
    Program.commandLine(new Session(nobody, nobody, List.of()))
        .getSubcommands()
        .forEach(
            (command, line) -> {
              CommandSpec spec = line.getCommandSpec();
              for (OptionSpec option : spec.options()) {
                name.matcher(String.join(" ", option.description()))
                    .results()
                    .map(MatchResult::group)
                    .forEach(
                        named ->
                            assertTrue(
                                spec.findOption(named) != null
                                    || spec.negatedOptionsMap().containsKey(named),
                                command + " " + option.longestName() + " names " + named));
              }
            });
  }

  @Test
  void aStackTraceIsShownOnDemandBeforeOrAfterTheCommand() {
    for (String[] words :
        List.of(
            new String[] {"--trace", "inspect", "no-such-file.mid"},
            new String[] {"inspect", "no-such-file.mid", "--trace"})) {
      Ran ran = Ran.impromptu((Object[]) words);
      assertEquals(1, ran.status());
      assertTrue(ran.err().contains("\tat dev.impromptu"), ran.err());
    }
    assertFalse(Ran.impromptu("inspect", "no-such-file.mid").err().contains("\tat "));
  }

  @Test
  void everyHelpStatesEveryDefault() {
    var nobody = new PrintWriter(new StringWriter());
    CommandLine program = Program.commandLine(new Session(nobody, nobody, List.of()));
    assertEquals(10, program.getSubcommands().size());
    program
        .getSubcommands()
        .forEach(
            (name, command) -> {
              assertTrue(Ran.impromptu(name, "--help").well().out().contains("Usage: impromptu"));
              for (OptionSpec option : command.getCommandSpec().options()) {
                boolean plain = option.usageHelp() || option.versionHelp() || option.hidden();
                boolean needed = option.required() || option.group() != null;
                String text = String.join(" ", option.description());
                assertTrue(
                    plain || needed || text.contains("default: "),
                    () -> name + " " + option.longestName() + " states no default: " + text);
              }
            });
  }

  @Test
  void theHelpOfTrainStatesTheRealDefaults() {
    String help = Ran.impromptu("train", "--help").out().replaceAll("\\s+", " ");
    assertTrue(help.contains("(default: 64, 8 with --faithful)"));
    assertTrue(help.contains("(default: 0.001, 0.0001 with --faithful)"));
    assertEquals(64, TrainingPlan.BATCH);
    assertEquals(8, TrainingPlan.ORIGINAL_BATCH);
    assertEquals(0.001, TrainingPlan.LEARNING_RATE);
    assertEquals(0.0001, TrainingPlan.ORIGINAL_LEARNING_RATE);
  }

  @Test
  void theHelpOfBenchIsOurOwn() {
    for (String option : List.of("-h", "--help")) {
      String help = Ran.impromptu("bench", option).well().out();
      assertTrue(help.contains("Usage: impromptu bench"), help);
    }
    assertTrue(Ran.impromptu("bench", "--version").well().out().startsWith("impromptu "));
  }

  @Test
  void theOptionsOfJmhAreHandedOn() {
    var nobody = new PrintWriter(new StringWriter());
    List<String> words =
        List.of("bench", "-f", "1", "Lstm", "-prof", "gc", "-wi", "2", "-p", "n=8");
    var parsed =
        Program.commandLine(new Session(nobody, nobody, words))
            .parseArgs(words.toArray(String[]::new))
            .subcommand();
    assertEquals(words.subList(1, words.size()), parsed.matchedPositionalValue(0, List.of()));
  }

  @Test
  void theVersionNamesTheProgramAndJava() {
    String version = Ran.impromptu("--version").well().out();
    assertTrue(version.startsWith("impromptu "), version);
    assertTrue(version.contains("Java "), version);
  }

  @Test
  void anUnexpectedFailureIsOneSentenceToo() {
    String sentence = Failures.sentence(new IllegalStateException("odd"), false);
    assertTrue(sentence.contains("odd") && sentence.contains("--trace"), sentence);
    assertFalse(Failures.sentence(new OutOfMemoryError(), false).contains("--batch"));
    assertTrue(Failures.sentence(new OutOfMemoryError(), true).contains("--batch"));
    assertTrue(
        Failures.sentence(new NullPointerException(), false).contains("NullPointerException"));
  }
}
