package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ScoresTest {
  private static Score score(int ticksPerBeat, Note... notes) {
    return new Score(
        "", ticksPerBeat, List.of(new Part("", List.of(notes))), List.of(new Tempo(0, 90)));
  }

  @Test
  void bothKeepTheirTimesAtOneResolution() {
    Score first = score(96, new Note(60, 0, 96, 80), new Note(62, 96, 48, 80));
    Score second = score(480, new Note(64, 960, 240, 80));

    Score joined = Scores.join("both", first, second, OptionalDouble.empty());

    assertEquals(480, joined.ticksPerBeat());
    assertEquals(
        List.of(new Note(60, 0, 480, 80), new Note(62, 480, 240, 80), new Note(64, 960, 240, 80)),
        joined.parts().getFirst().notes());
    assertEquals(List.of(new Tempo(0, 90)), joined.tempos());
  }

  @Test
  void handsStayApart() {
    var part = new Part("left", List.of(new Note(60, 0, 480, 80)));
    Score two = new Score("", 480, List.of(part, part), List.of());

    Score joined =
        Scores.join("", two, score(480, new Note(64, 480, 240, 80)), OptionalDouble.of(50));

    assertEquals(3, joined.parts().size());
    assertEquals(480, joined.parts().getLast().notes().getFirst().onset());
    assertEquals(List.of(new Tempo(0, 50)), joined.tempos());
  }

  @Test
  void thePedalOfTheFirstIsReleasedWhereTheSecondBegins() {
    Score first =
        score(96, new Note(60, 0, 96, 80))
            .withPedals(List.of(new Pedal(0, true), new Pedal(300, false)));
    Score second =
        score(480, new Note(64, 960, 240, 80))
            .withPedals(List.of(new Pedal(1000, true), new Pedal(1440, false)));

    Score joined = Scores.join("both", first, second, OptionalDouble.empty());

    assertEquals(
        List.of(
            new Pedal(0, true),
            new Pedal(960, false),
            new Pedal(1000, true),
            new Pedal(1440, false)),
        joined.pedals());
  }

  @Test
  void whatFollowsARitardandoHasTheMeanTempo() {
    Score slowing =
        new Score(
            "",
            96,
            List.of(new Part("", List.of(new Note(60, 0, 3 * 96, 80)))),
            List.of(new Tempo(0, 120), new Tempo(192, 60), new Tempo(240, 30)));
    Score second = score(480, new Note(64, 1200, 240, 80));

    // Three beats in 1 + 0.5 + 1 seconds; the last mark would come when the second has begun.
    assertEquals(
        List.of(new Tempo(0, 120), new Tempo(960, 60), new Tempo(1200, 72)),
        Scores.join("", slowing, second, OptionalDouble.empty()).tempos());
    assertEquals(
        List.of(new Tempo(0, 50)),
        Scores.join("", slowing, second, OptionalDouble.of(50)).tempos());
  }

  @Test
  void whatIsTooLongTogetherIsRefused() {
    Score endless = score(1, new Note(60, 2_000_000_000, 1, 80));
    assertThrows(
        IllegalArgumentException.class,
        () -> Scores.join("", endless, endless, OptionalDouble.empty()));
  }
}
