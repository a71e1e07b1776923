package dev.impromptu.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** {@link ProductKernel} on the Vector API; its tiles follow from how many registers there are. */
final class VectorProduct implements ProductKernel {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** AVX-512 and NEON have 32 registers. */
  private static final RegisterTiles TILES =
      LANES >= 16 || System.getProperty("os.arch").equals("aarch64")
          ? new WideTiles()
          : new NarrowTiles();

  /** Lane {@code i + n} at lane i; of what wraps around, nothing is used. */
  private static final VectorShuffle<Float> DOWN_8 = VectorShuffle.iota(SPECIES, 8, 1, true);

  private static final VectorShuffle<Float> DOWN_4 = VectorShuffle.iota(SPECIES, 4, 1, true);
  private static final VectorShuffle<Float> DOWN_2 = VectorShuffle.iota(SPECIES, 2, 1, true);

  @Override
  public int width() {
    return TILES.width();
  }

  @Override
  public void accumulate(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aStride,
      float[] b,
      int bOffset,
      int bStride,
      float[] c,
      int cOffset,
      int cStride) {
    TILES.accumulate(rows, depth, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride);
  }

  @Override
  public void dots(
      int columns,
      int depth,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset) {
    var lanes = new float[4 * DOT_LANES];
    int whole = depth / DOT_LANES * DOT_LANES;
    for (int j = 0; j < columns; j += 4) {
      int count = Math.min(4, columns - j);
      int row = bOffset + j * depth;
      if (count == 4) {
        fourDots(whole, a, aOffset, b, row, depth, lanes);
      } else {
        for (int i = 0; i < count; i++) {
          oneDot(whole, a, aOffset, b, row + i * depth, lanes, i * DOT_LANES);
        }
      }
      for (int i = 0; i < count; i++) {
        float sum = sumLanes(lanes, i * DOT_LANES);
        for (int k = whole; k < depth; k++) {
          sum = Math.fma(a[aOffset + k], b[row + i * depth + k], sum);
        }
        c[cOffset + j + i] += sum;
      }
    }
  }

  /** Each part of a is read once for four rows of b. Shorter vectors pass by several times. */
  private static void fourDots(
      int whole, float[] a, int a0, float[] b, int b0, int stride, float[] lanes) {
    int b1 = b0 + stride;
    int b2 = b1 + stride;
    int b3 = b2 + stride;
    for (int part = 0; part < DOT_LANES; part += LANES) {
      var x0 = FloatVector.zero(SPECIES);
      var x1 = x0;
      var x2 = x0;
      var x3 = x0;
      for (int k = part; k < whole; k += DOT_LANES) {
        var v = FloatVector.fromArray(SPECIES, a, a0 + k);
        x0 = v.fma(FloatVector.fromArray(SPECIES, b, b0 + k), x0);
        x1 = v.fma(FloatVector.fromArray(SPECIES, b, b1 + k), x1);
        x2 = v.fma(FloatVector.fromArray(SPECIES, b, b2 + k), x2);
        x3 = v.fma(FloatVector.fromArray(SPECIES, b, b3 + k), x3);
      }
      x0.intoArray(lanes, part);
      x1.intoArray(lanes, DOT_LANES + part);
      x2.intoArray(lanes, 2 * DOT_LANES + part);
      x3.intoArray(lanes, 3 * DOT_LANES + part);
    }
  }

  /** {@link ProductKernel#sumLanes} with the same additions, in registers. */
  static float sumLanes(float[] lanes, int offset) {
    for (int half = DOT_LANES / 2; half >= LANES; half /= 2) {
      for (int i = 0; i < half; i += LANES) {
        FloatVector.fromArray(SPECIES, lanes, offset + i)
            .add(FloatVector.fromArray(SPECIES, lanes, offset + i + half))
            .intoArray(lanes, offset + i);
      }
    }
    var x = FloatVector.fromArray(SPECIES, lanes, offset);
    x = LANES >= 16 ? x.add(x.rearrange(DOWN_8)) : x;
    x = LANES >= 8 ? x.add(x.rearrange(DOWN_4)) : x;
    x = LANES >= 4 ? x.add(x.rearrange(DOWN_2)) : x;
    return x.lane(0) + x.lane(1);
  }

  private static void oneDot(
      int whole, float[] a, int a0, float[] b, int b0, float[] lanes, int to) {
    for (int part = 0; part < DOT_LANES; part += LANES) {
      var x = FloatVector.zero(SPECIES);
      for (int k = part; k < whole; k += DOT_LANES) {
        x =
            FloatVector.fromArray(SPECIES, a, a0 + k)
                .fma(FloatVector.fromArray(SPECIES, b, b0 + k), x);
      }
      x.intoArray(lanes, to + part);
    }
  }
}
