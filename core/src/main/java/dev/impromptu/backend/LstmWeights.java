package dev.impromptu.backend;

/**
 * The weights of one LSTM layer (or their gradients) in PyTorch's layout, gates in the order input,
 * forget, cell, output.
 *
 * @param inputWeight {@code weight_ih [4 hidden, input]}
 * @param hiddenWeight {@code weight_hh [4 hidden, hidden]}
 * @param inputBias {@code bias_ih [4 hidden]}
 * @param hiddenBias {@code bias_hh [4 hidden]}
 */
public record LstmWeights(
    Storage inputWeight, Storage hiddenWeight, Storage inputBias, Storage hiddenBias) {}
