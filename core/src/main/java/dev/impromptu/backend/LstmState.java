package dev.impromptu.backend;

/**
 * The state of a stack of LSTM layers, or its gradient.
 *
 * @param hidden {@code [layers, batch, hidden]}
 * @param cell {@code [layers, batch, hidden]}
 */
public record LstmState(Storage hidden, Storage cell) {}
