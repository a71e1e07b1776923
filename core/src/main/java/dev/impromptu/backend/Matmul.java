package dev.impromptu.backend;

/**
 * A batch of matrix products {@code C = op(A) op(B)} on dense row-major operands.
 *
 * <p>A is {@code [m, k]} ({@code [k, m]} when transposed), B is {@code [k, n]} ({@code [n, k]} when
 * transposed), C is {@code [m, n]}; the matrices of a batch follow each other without gaps.
 *
 * @param batch number of products, at least 1
 * @param m rows of the result
 * @param n columns of the result
 * @param k length of the sums
 * @param transposeLeft whether A is stored transposed
 * @param transposeRight whether B is stored transposed
 */
public record Matmul(
    int batch, int m, int n, int k, boolean transposeLeft, boolean transposeRight) {}
