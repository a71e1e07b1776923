package dev.impromptu.backend;

/**
 * How two operands spread over a common shape: a stride of 0 repeats the operand along that axis.
 *
 * @param shape the sizes of the result
 * @param leftStrides steps of the left operand, one an axis
 * @param rightStrides steps of the right operand, one an axis
 */
public record Broadcast(int[] shape, int[] leftStrides, int[] rightStrides) {}
