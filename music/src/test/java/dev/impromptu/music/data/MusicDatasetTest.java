package dev.impromptu.music.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MusicDatasetTest {
  private static final DatasetOptions OPTIONS = DatasetOptions.DEFAULTS.withMinCount(1);

  /** Pieces of different lengths, in each of which every token stands once. */
  private static List<TokenizedPiece> pieces(int... lengths) {
    var pieces = new ArrayList<TokenizedPiece>();
    for (int p = 0; p < lengths.length; p++) {
      String title = "p" + p;
      pieces.add(
          new TokenizedPiece(
              title, IntStream.range(0, lengths[p]).mapToObj(i -> title + "-" + i).toList()));
    }
    return pieces;
  }

  private static List<String> titles(DatasetPart part) {
    return part.pieces().stream().map(EncodedPiece::title).toList();
  }

  @Test
  void theFutureFollowsTheContextOrSkipsANote() {
    for (boolean skip : new boolean[] {false, true}) {
      var dataset =
          MusicDataset.prepare(pieces(100), OPTIONS.withSkipNote(skip).withSplit(SplitKind.WINDOW));
      int[] x = new int[33];
      int[] y = new int[10];
      Windows windows = dataset.validation().windows();
      windows.copy(3, x, 1, y, 2);
      EncodedPiece piece = windows.piece(3);
      int start = windows.start(3);

      for (int i = 0; i < 32; i++) {
        assertEquals(piece.id(start + i), x[1 + i]);
      }
      for (int i = 0; i < 8; i++) {
        assertEquals(piece.id(start + (skip ? 33 : 32) + i), y[2 + i]);
        assertEquals(windows.target(3, i), y[2 + i]);
      }
      int[] between = {-1, -1};
      windows.copyBetween(3, between, 1);
      assertEquals(skip ? 1 : 0, windows.skipped());
      assertArrayEquals(new int[] {-1, skip ? piece.id(start + 32) : -1}, between);
      assertEquals(skip ? 60 : 61, dataset.windowCount());
    }
  }

  @Test
  void noWindowCrossesFromOnePieceIntoTheNext() {
    var dataset = MusicDataset.prepare(pieces(50, 39, 41, 60), OPTIONS.withSplit(SplitKind.WINDOW));

    assertEquals(11 + 0 + 2 + 21, dataset.windowCount());
    for (DatasetPart part : dataset.parts()) {
      for (int window = 0; window < part.windows().size(); window++) {
        int[] x = new int[32];
        int[] y = new int[8];
        part.windows().copy(window, x, 0, y, 0);
        var prefixes = new HashSet<String>();
        dataset.vocabulary().decode(x).forEach(token -> prefixes.add(token.split("-")[0]));
        dataset.vocabulary().decode(y).forEach(token -> prefixes.add(token.split("-")[0]));
        assertEquals(1, prefixes.size());
      }
    }
  }

  @Test
  void theWindowSplitDealsEachWindowOutOnce() {
    var dataset = MusicDataset.prepare(pieces(1039), OPTIONS.withSplit(SplitKind.WINDOW));
    var starts = new HashSet<Integer>();
    for (DatasetPart part : dataset.parts()) {
      for (int window = 0; window < part.windows().size(); window++) {
        assertTrue(starts.add(part.windows().start(window)));
      }
    }

    assertEquals(1000, starts.size());
    assertEquals(700, dataset.training().windows().size());
    assertEquals(200, dataset.validation().windows().size());
    assertEquals(100, dataset.test().windows().size());
  }

  @Test
  void thePassageSplitCutsPiecesAndDealsEveryTokenOutOnce() {
    List<String> scale = IntStream.range(0, 1207).mapToObj(i -> "t" + i % 30).toList();
    var pieces =
        List.of(new TokenizedPiece("a", scale), new TokenizedPiece("b", scale.subList(0, 60)));
    var dataset = MusicDataset.prepare(pieces, OPTIONS.withSplit(SplitKind.PASSAGE));
    var titles = new HashSet<String>();
    dataset.parts().forEach(part -> titles.addAll(titles(part)));

    assertEquals(11, titles.size());
    assertTrue(titles.containsAll(List.of("a, passage 10 of 10", "b, passage 1 of 1")));
    assertEquals(1207 + 60, dataset.tokens());
    assertEquals(1207 - 10 * 39 + (60 - 39), dataset.windowCount());
  }

  /** Each piece stands there three times, under three titles. */
  @Test
  void noPieceIsInTwoPartsUnderTwoTitles() {
    var pieces = new ArrayList<TokenizedPiece>();
    for (String title : List.of("a", "b", "c")) {
      wordy(6)
          .forEach(piece -> pieces.add(new TokenizedPiece(title + piece.title(), piece.tokens())));
    }
    for (SplitKind split : List.of(SplitKind.PIECE, SplitKind.PASSAGE)) {
      var dataset = MusicDataset.prepare(pieces, OPTIONS.withSplit(split));

      assertEquals(12, dataset.duplicates());
      assertEquals(61 + 62 + 63 + 64 + 65 + 66, dataset.tokens());
      var seen = new HashSet<String>();
      for (DatasetPart part : dataset.parts()) {
        for (EncodedPiece piece : part.pieces()) {
          assertTrue(piece.title().startsWith("a"), piece.title());
          assertTrue(seen.add(piece.fingerprint()), piece.title());
        }
      }
    }
    assertEquals(0, MusicDataset.prepare(wordy(3), OPTIONS).duplicates());
  }

  @Test
  void theWindowSplitKeepsEveryPieceAsTheOriginalDid() {
    var pieces = new ArrayList<>(pieces(60));
    pieces.addAll(pieces(60));
    var dataset = MusicDataset.prepare(pieces, OPTIONS.withSplit(SplitKind.WINDOW));

    assertEquals(0, dataset.duplicates());
    assertEquals(2 * 21, dataset.windowCount());
  }

  @Test
  void eightyThousandWindowsAreSplitAsTheOriginalSplitThem() {
    Split split = Split.even(80_137, 1);

    assertEquals(56_095, split.training().length);
    assertEquals(16_028, split.validation().length);
    assertEquals(8_014, split.test().length);
  }

  @Test
  void thePieceSplitSharesNoPieceAndKnowsTrainingTokensAlone() {
    var dataset = MusicDataset.prepare(wordy(12), OPTIONS);
    var seen = new HashSet<String>();
    for (DatasetPart part : dataset.parts()) {
      assertTrue(part.windows().size() > 0);
      for (String title : titles(part)) {
        assertTrue(seen.add(title), title + " stands in two parts");
      }
    }

    assertEquals(12, seen.size());
    assertEquals(1, dataset.training().coverage());
    assertTrue(dataset.validation().coverage() < 1);
    assertEquals(12 + 7, dataset.typesBefore());
    assertEquals(dataset.training().pieces().size() + 7, dataset.vocabulary().size());
  }

  /** Pieces of the same seven words, each with one word of its own at its beginning. */
  private static List<TokenizedPiece> wordy(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            p -> {
              var tokens = new ArrayList<String>();
              tokens.add("own" + p);
              IntStream.range(0, 60 + p).forEach(i -> tokens.add("word" + i % 7));
              return new TokenizedPiece("p" + p, tokens);
            })
        .toList();
  }

  @Test
  void threePiecesAreEnoughAndTwoAreNot() {
    var dataset = MusicDataset.prepare(wordy(3), OPTIONS);
    var thrown =
        assertThrows(IllegalArgumentException.class, () -> MusicDataset.prepare(wordy(2), OPTIONS));

    dataset.parts().forEach(part -> assertEquals(1, part.pieces().size()));
    assertTrue(String.valueOf(thrown.getMessage()).contains("at least 3 pieces"));
  }

  @Test
  void tooHighAMinimumCountIsNamedAsTheReason() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> MusicDataset.prepare(wordy(3), OPTIONS.withMinCount(5000)));

    assertTrue(String.valueOf(thrown.getMessage()).contains("--min-count"));
  }

  @Test
  void theSameSeedGivesTheSameSplitAndOthersGiveOthers() {
    var first = MusicDataset.prepare(wordy(12), OPTIONS.withSeed(1));
    var again = MusicDataset.prepare(wordy(12), OPTIONS.withSeed(1));

    assertEquals(titles(first.test()), titles(again.test()));
    // The most even dealings are few, so two seeds may well find the same one.
    assertTrue(
        IntStream.rangeClosed(2, 9)
            .mapToObj(seed -> MusicDataset.prepare(wordy(12), OPTIONS.withSeed(seed)))
            .anyMatch(other -> !titles(first.test()).equals(titles(other.test()))));
  }

  @Test
  void aSampleHoldsSomeOfTheWindows() {
    Windows windows =
        MusicDataset.prepare(pieces(500), OPTIONS.withSplit(SplitKind.WINDOW)).training().windows();

    assertEquals(10, windows.sample(10, 3).size());
    assertEquals(starts(windows.sample(10, 3)), starts(windows.sample(10, 3)));
    assertNotEquals(starts(windows.sample(10, 3)), starts(windows.sample(10, 4)));
    assertEquals(windows.size(), windows.sample(100_000, 3).size());
  }

  @Test
  void windowsOfOnePieceFollowThoseOfAnother() {
    Windows first = LetterWindows.windows(3, false, "abcdef", "ghijk");
    Windows second = LetterWindows.windows(3, false, "lmnopq");
    Windows both = first.and(second);

    assertEquals(3 + 2 + 3, both.size());
    assertEquals(List.of(0, 1, 2, 0, 1, 0, 1, 2), starts(both));
    for (int i = 0; i < both.size(); i++) {
      Windows from = i < first.size() ? first : second;
      int window = i < first.size() ? i : i - first.size();
      assertEquals(from.target(window, 0), both.target(i, 0));
      assertEquals(from.hasEarlier(window, 1), both.hasEarlier(i, 1));
    }
    Windows skipping = LetterWindows.windows(3, true, "lmnopq");
    assertThrows(IllegalArgumentException.class, () -> first.and(skipping));
    Windows longer = LetterWindows.windows(4, false, "lmnopq");
    assertThrows(IllegalArgumentException.class, () -> first.and(longer));
  }

  private static List<Integer> starts(Windows windows) {
    return IntStream.range(0, windows.size()).mapToObj(windows::start).toList();
  }

  @Test
  void alwaysNamingTheCommonestTokenScoresItsShare() {
    var tokens = new ArrayList<String>();
    IntStream.range(0, 4000).forEach(i -> tokens.add(i % 4 == 0 ? "rare" : "common"));
    var dataset =
        MusicDataset.prepare(
            List.of(new TokenizedPiece("p", tokens)), OPTIONS.withSplit(SplitKind.WINDOW));

    assertEquals(
        0.75,
        Baselines.commonestToken(dataset.training().windows(), dataset.test().windows(), 8),
        1e-12);
  }

  @Test
  void aFingerprintTellsMusicApartAndNotTitles() {
    var piece = new TokenizedPiece("a", List.of("C4", "D4"));

    assertEquals(piece.fingerprint(), new TokenizedPiece("b", List.of("C4", "D4")).fingerprint());
    assertFalse(
        piece.fingerprint().equals(new TokenizedPiece("a", List.of("D4", "C4")).fingerprint()));
    assertEquals(64, piece.fingerprint().length());
  }
}
