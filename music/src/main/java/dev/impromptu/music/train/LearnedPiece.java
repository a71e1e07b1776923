package dev.impromptu.music.train;

import dev.impromptu.io.JsonObject;
import dev.impromptu.music.data.DatasetPart;
import dev.impromptu.music.data.EncodedPiece;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.SplitKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A piece, or a passage of one, that a model was made with.
 *
 * @param part {@code train}, {@code validation} or {@code test}; split by window every piece is in
 *     {@code train}
 * @param title what it was called
 * @param sha256 the fingerprint of its music
 */
public record LearnedPiece(String part, String title, String sha256) {
  /** Every piece of {@code dataset}, in order. */
  public static List<LearnedPiece> all(MusicDataset dataset) {
    return dataset.options().split() == SplitKind.WINDOW
        ? of(dataset.training()).toList()
        : dataset.parts().stream().flatMap(LearnedPiece::of).toList();
  }

  private static Stream<LearnedPiece> of(DatasetPart part) {
    return part.pieces().stream().map(piece -> of(part.name(), piece));
  }

  private static LearnedPiece of(String part, EncodedPiece piece) {
    return new LearnedPiece(part, piece.title(), piece.fingerprint());
  }

  /** Says how {@code here} differs from {@code there}, titles aside; empty if they are the same. */
  public static Optional<String> difference(List<LearnedPiece> here, List<LearnedPiece> there) {
    if (untitled(here).equals(untitled(there))) {
      return Optional.empty();
    }
    Set<String> more = fingerprints(here);
    more.removeAll(fingerprints(there));
    Set<String> fewer = fingerprints(there);
    fewer.removeAll(fingerprints(here));
    if (more.isEmpty() && fewer.isEmpty()) {
      return Optional.of("dealt out to the parts otherwise");
    }
    return Optional.of(
        "of %d %d are not among the %d there%s"
            .formatted(
                here.size(),
                more.size(),
                there.size(),
                fewer.isEmpty() ? "" : ", of which %d are missing".formatted(fewer.size())));
  }

  private static List<LearnedPiece> untitled(List<LearnedPiece> pieces) {
    return pieces.stream().map(piece -> new LearnedPiece(piece.part, "", piece.sha256)).toList();
  }

  private static Set<String> fingerprints(List<LearnedPiece> pieces) {
    return pieces.stream().map(LearnedPiece::sha256).collect(Collectors.toCollection(HashSet::new));
  }

  JsonObject toJson() {
    return JsonObject.builder().put("part", part).put("title", title).put("sha256", sha256).build();
  }

  static LearnedPiece of(JsonObject json) {
    return new LearnedPiece(json.string("part"), json.string("title"), json.string("sha256"));
  }
}
