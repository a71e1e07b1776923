package dev.impromptu.music.model;

import dev.impromptu.music.sample.Sampler;
import dev.impromptu.tensor.Device;
import java.util.function.IntConsumer;

/**
 * Continues a primer note by note. A {@link StreamingModel} reads every token once; any other
 * network reads the last {@code contextLength} again for each note, because it was never trained to
 * remember more.
 *
 * @param model foretells
 * @param device where it runs
 * @param contextLength tokens the network was trained to look back on
 */
public record Composer(SequenceModel model, Device device, int contextLength) {
  /**
   * Composes.
   *
   * @param primer what to continue, at least one token; may be shorter than the context
   * @param notes notes or chords to add; tokens that tell something else come on top
   * @param sampler chooses every token
   * @param progress is told how many notes there are so far
   * @return the primer and what follows
   */
  public int[] compose(int[] primer, int notes, Sampler sampler, IntConsumer progress) {
    try (ComposerSession session = begin(primer, sampler)) {
      for (int struck = 0; struck < notes; ) {
        if (sampler.strikes(session.next())) {
          progress.accept(++struck);
        }
      }
      return session.piece();
    }
  }

  /**
   * Begins a piece whose tokens are asked for one by one, for whoever plays them as they come.
   *
   * @param primer what to continue, at least one token; may be shorter than the context
   * @param sampler chooses every token
   * @return to be closed by the thread that began it, before the scopes around it
   */
  public ComposerSession begin(int[] primer, Sampler sampler) {
    if (primer.length == 0) {
      throw new IllegalArgumentException("Composer: the primer is empty; give at least one token");
    }
    sampler.heard(primer);
    return new ComposerSession(this, primer, sampler);
  }
}
