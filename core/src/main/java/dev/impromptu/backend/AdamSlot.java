package dev.impromptu.backend;

/**
 * What Adam keeps and changes for one parameter; all four of one length.
 *
 * @param parameter changed in place
 * @param gradient read
 * @param mean running mean of the gradients, changed in place
 * @param variance running mean of their squares, changed in place
 */
public record AdamSlot(Storage parameter, Storage gradient, Storage mean, Storage variance) {}
