package dev.impromptu.music.model;

import dev.impromptu.functional.Mode;
import dev.impromptu.io.JsonObject;
import dev.impromptu.nn.Module;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Collections;

/** A network that foretells the token after a context. */
public interface SequenceModel extends Module {
  /** The number of tokens it knows. */
  int vocabularySize();

  /**
   * Unnormalised log probabilities of the next token.
   *
   * @param ids {@code [batch, time]}, at least one step
   * @return {@code [batch, vocabulary]}
   */
  Tensor logits(Tensor ids, Mode mode);

  /**
   * The same after every token instead of the last alone, each from those up to there.
   *
   * @param ids {@code [batch, time]}, at least one step
   * @return {@code [batch * time, vocabulary]}, the steps of a sequence in a row
   */
  Tensor logitsThroughout(Tensor ids, Mode mode);

  /**
   * The same where every sequence goes on in several ways.
   *
   * @param ids the beginnings, {@code [batch, time]}
   * @param branches the first ways of all sequences, then the second, and so on: {@code [ways *
   *     batch, steps]}
   * @return {@code [batch * time + ways * batch * steps, vocabulary]}: after every token of the
   *     beginnings, then of the branches
   */
  default Tensor logitsThroughout(Tensor ids, Tensor branches, Mode mode) {
    int batch = ids.shape().size(0);
    int time = ids.shape().size(1);
    int rows = branches.shape().size(0);
    int end = time + branches.shape().size(1);
    Tensor[] beginnings = Collections.nCopies(rows / batch, ids).toArray(Tensor[]::new);
    Tensor whole = Tensor.concat(1, Tensor.concat(0, beginnings), branches);
    Tensor logits = logitsThroughout(whole, mode).reshape(Shape.of(rows, end, vocabularySize()));
    return Tensor.concat(
        0,
        logits
            .slice(0, 0, batch)
            .slice(1, 0, time)
            .reshape(Shape.of(batch * time, vocabularySize())),
        logits
            .slice(1, time, end)
            .reshape(Shape.of(branches.shape().elements(), vocabularySize())));
  }

  /**
   * Reads contexts from a zero state, to go on from their end.
   *
   * @param ids {@code [batch, time]}, at least one step
   */
  Continuation begin(Tensor ids, Mode mode);

  /** What {@link Architectures} needs to build the same again. */
  JsonObject architecture();
}
