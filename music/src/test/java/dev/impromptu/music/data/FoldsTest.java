package dev.impromptu.music.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import dev.impromptu.music.token.Tokenizers;
import dev.impromptu.music.tools.Transposition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FoldsTest {
  private static final List<Integer> WEIGHTS =
      List.of(900, 40, 300, 500, 0, 250, 800, 120, 330, 610, 90, 470, 200);

  private static int[] sorted(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).sorted().toArray();
  }

  @Test
  void everythingIsTestedOnceOverAllFoldsAndHeldOutFromTrainingThen() {
    int[] all = IntStream.range(0, WEIGHTS.size()).toArray();
    List<int[]> tests = new ArrayList<>();
    for (int fold = 1; fold <= 5; fold++) {
      Split split = Split.fold(WEIGHTS, 3, fold, 5);
      assertArrayEquals(all, sorted(split.training(), split.validation(), split.test()));
      assertTrue(split.validation().length > 0);
      tests.add(split.test());
    }
    int[] tested = sorted(tests.toArray(int[][]::new));
    assertArrayEquals(Arrays.stream(all).filter(i -> WEIGHTS.get(i) > 0).toArray(), tested);
  }

  @Test
  void theSharesWeighNearlyTheSame() {
    int total = WEIGHTS.stream().mapToInt(Integer::intValue).sum();
    for (int fold = 1; fold <= 5; fold++) {
      int share = Arrays.stream(Split.fold(WEIGHTS, 3, fold, 5).test()).map(WEIGHTS::get).sum();
      assertEquals(total / 5.0, share, 0.05 * total, "fold " + fold);
    }
  }

  @Test
  void halfOfTheNextShareIsForValidation() {
    List<Integer> weights = IntStream.range(0, 50).mapToObj(i -> 10 + i * 7 % 13).toList();
    int total = weights.stream().mapToInt(Integer::intValue).sum();
    for (int fold = 1; fold <= 5; fold++) {
      int[] validation = Split.fold(weights, 3, fold, 5).validation();
      int share = Arrays.stream(validation).map(weights::get).sum();
      assertEquals(total / 10.0, share, 0.05 * total, "fold " + fold);
    }
  }

  @Test
  void tooFewPiecesForFoldsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Split.fold(List.of(1, 1, 0, 1), 0, 1, 5));
    assertThrows(
        IllegalArgumentException.class,
        () -> DatasetOptions.DEFAULTS.withSplit(SplitKind.WINDOW).withFold(1));
    assertThrows(IllegalArgumentException.class, () -> DatasetOptions.DEFAULTS.withFold(6));
  }

  private static List<Score> scores(int shortest) {
    List<Score> scores = new ArrayList<>();
    for (int s = 0; s < 6; s++) {
      List<Note> notes = new ArrayList<>();
      for (int i = 0; i < shortest + s; i++) {
        notes.add(new Note(60 + (i * (s + 1)) % 12, i * 480, 480, 80));
      }
      scores.add(new Score("piece " + s, 480, List.of(new Part("", notes)), List.of()));
    }
    return scores;
  }

  private static MusicDataset dataset(int transpose) {
    return dataset(scores(20), SplitKind.PIECE, transpose);
  }

  private static MusicDataset dataset(List<Score> scores, SplitKind split, int transpose) {
    var options = new DatasetOptions(1, false, split, 0, 4, 2).withTranspose(transpose);
    return MusicDataset.prepare(scores, Tokenizers.named("seed"), options);
  }

  @Test
  void transposingAddsOtherKeysToTheTrainingWindowsAlone() {
    MusicDataset plain = dataset(0);
    MusicDataset transposed = dataset(1);
    assertEquals(plain.vocabulary().tokens(), transposed.vocabulary().tokens());
    assertEquals(plain.validation().windows().size(), transposed.validation().windows().size());
    assertEquals(plain.test().windows().size(), transposed.test().windows().size());
    assertEquals(plain.training().pieces().size(), transposed.training().pieces().size());
    int windows = plain.training().windows().size();
    Windows more = transposed.training().windows();
    assertTrue(more.size() > 2 * windows && more.size() <= 3 * windows, more.toString());
    Set<Integer> firsts = new HashSet<>();
    for (int window = 0; window < more.size(); window++) {
      firsts.add(more.piece(window).id(more.start(window)));
    }
    assertTrue(firsts.size() > 1);
  }

  private static List<String> titles(List<EncodedPiece> pieces) {
    return pieces.stream().map(EncodedPiece::title).sorted().toList();
  }

  /** Each piece or passage learned from, once as it is written and once a semitone up and down. */
  private static void assertThreeKeysOfEach(DatasetPart training) {
    assertEquals(
        titles(training.pieces()).stream().flatMap(t -> Stream.of(t, t, t)).toList(),
        titles(training.windows().pieces()));
  }

  @Test
  void ofAPassageLearnedFromTheOtherKeysAreOfThatPassageAlone() {
    DatasetPart plain = dataset(scores(100), SplitKind.PASSAGE, 0).training();
    DatasetPart transposed = dataset(scores(100), SplitKind.PASSAGE, 1).training();
    assertThreeKeysOfEach(transposed);
    assertTrue(transposed.pieces().size() > 20, transposed.toString());
    assertTrue(
        transposed.windows().size() <= 3 * plain.windows().size(), transposed.windows().toString());
  }

  @Test
  void behindADuplicatePiecesKeepTheirOwnOtherKeys() {
    List<Score> scores = new ArrayList<>(scores(20));
    scores.add(1, new Score("copy", 480, scores.getFirst().parts(), List.of()));
    MusicDataset dataset = dataset(scores, SplitKind.PIECE, 1);
    assertEquals(1, dataset.duplicates());
    assertThreeKeysOfEach(dataset.training());
  }

  @Test
  void everyNoteMovesByAsManySemitonesButStaysOnTheKeyboard() {
    var score =
        new Score(
            "",
            480,
            List.of(new Part("", List.of(new Note(60, 0, 1, 9), new Note(126, 1, 1, 9)))),
            List.of(new Tempo(0, 80)),
            List.of(new Pedal(1, true)));
    List<Note> up = Transposition.of(score, 3).parts().getFirst().notes();
    assertEquals(List.of(63, 117), up.stream().map(Note::pitch).toList());
    assertEquals(new Note(63, 0, 1, 9), up.getFirst());
    assertEquals(score, Transposition.of(Transposition.of(score, 1), -1), "and nothing else");
    List<Note> down = Transposition.of(score, -61).parts().getFirst().notes();
    assertEquals(List.of(11, 65), down.stream().map(Note::pitch).toList());
  }

  @Test
  void wordsCannotBeTransposedAndWindowsCannotBeHeldOutSo() {
    var options = DatasetOptions.DEFAULTS.withTranspose(1);
    assertThrows(IllegalArgumentException.class, () -> MusicDataset.prepare(List.of(), options));
    var error =
        assertThrows(IllegalArgumentException.class, () -> options.withSplit(SplitKind.WINDOW));
    assertEquals(
        "DatasetOptions: fold 0 and transpose 1 need whole pieces or passages to hold out, but the"
            + " split is by window; set both to 0 or split by piece or passage",
        error.getMessage());
  }

  @Test
  void tooFewPiecesAreToldWithoutSendingAnyoneInACircle() {
    List<TokenizedPiece> two = List.of(piece("long", 60), piece("longer", 90));
    for (SplitKind split : List.of(SplitKind.PIECE, SplitKind.PASSAGE)) {
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  MusicDataset.prepare(
                      two, DatasetOptions.DEFAULTS.withMinCount(1).withSplit(split).withFold(1)));
      assertEquals(
          split == SplitKind.PIECE
              ? "A split by piece needs at least 5 pieces of 40 tokens or more, but of 2 pieces 2"
                  + " are that long; add pieces or use --split passage"
              : "A split by passage needs at least 5 passages of 40 tokens or more, but of 2"
                  + " passages 2 are that long; add pieces",
          error.getMessage());
    }
  }

  private static TokenizedPiece piece(String title, int tokens) {
    return new TokenizedPiece(
        title, IntStream.range(0, tokens).mapToObj(i -> title + i % 7).toList());
  }
}
