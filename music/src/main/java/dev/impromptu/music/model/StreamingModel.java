package dev.impromptu.music.model;

/**
 * A network whose answer depends on a fixed number of tokens, so that it can read on for ever at
 * the same cost a token, and says the same as if it had read the last of them anew.
 */
public interface StreamingModel extends SequenceModel {
  /** How many tokens the logits depend on: older ones make no difference. */
  int receptiveField();

  /**
   * Before the first token. It belongs to the scope at hand and has no gradient, so call it in
   * {@link dev.impromptu.tensor.Scope#inference}.
   *
   * @param batch sequences that are read together
   */
  TokenStream stream(int batch);
}
