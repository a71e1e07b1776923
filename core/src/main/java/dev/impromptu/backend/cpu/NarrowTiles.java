package dev.impromptu.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of two vectors and up to six rows: their sums and what is multiplied fill 16 registers, as
 * AVX2 has them.
 */
final class NarrowTiles extends RegisterTiles {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  @Override
  int width() {
    return 2 * LANES;
  }

  @Override
  void six(
      int depth,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int p,
      int bStride,
      float[] c,
      int c0,
      int cStride) {
    int a1 = a0 + aStride;
    int c1 = c0 + cStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    int a4 = a3 + aStride;
    int c4 = c3 + cStride;
    int a5 = a4 + aStride;
    int c5 = c4 + cStride;
    var x00 = FloatVector.fromArray(SPECIES, c, c0);
    var x01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
    var x10 = FloatVector.fromArray(SPECIES, c, c1);
    var x11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
    var x20 = FloatVector.fromArray(SPECIES, c, c2);
    var x21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
    var x30 = FloatVector.fromArray(SPECIES, c, c3);
    var x31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
    var x40 = FloatVector.fromArray(SPECIES, c, c4);
    var x41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
    var x50 = FloatVector.fromArray(SPECIES, c, c5);
    var x51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
    for (int k = 0; k < depth; k++, p += bStride) {
      var b0 = FloatVector.fromArray(SPECIES, b, p);
      var b1 = FloatVector.fromArray(SPECIES, b, p + LANES);
      var v0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      x00 = v0.fma(b0, x00);
      x01 = v0.fma(b1, x01);
      var v1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      x10 = v1.fma(b0, x10);
      x11 = v1.fma(b1, x11);
      var v2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      x20 = v2.fma(b0, x20);
      x21 = v2.fma(b1, x21);
      var v3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      x30 = v3.fma(b0, x30);
      x31 = v3.fma(b1, x31);
      var v4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
      x40 = v4.fma(b0, x40);
      x41 = v4.fma(b1, x41);
      var v5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
      x50 = v5.fma(b0, x50);
      x51 = v5.fma(b1, x51);
    }
    x00.intoArray(c, c0);
    x01.intoArray(c, c0 + LANES);
    x10.intoArray(c, c1);
    x11.intoArray(c, c1 + LANES);
    x20.intoArray(c, c2);
    x21.intoArray(c, c2 + LANES);
    x30.intoArray(c, c3);
    x31.intoArray(c, c3 + LANES);
    x40.intoArray(c, c4);
    x41.intoArray(c, c4 + LANES);
    x50.intoArray(c, c5);
    x51.intoArray(c, c5 + LANES);
  }

  @Override
  void four(
      int depth,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int p,
      int bStride,
      float[] c,
      int c0,
      int cStride) {
    int a1 = a0 + aStride;
    int c1 = c0 + cStride;
    int a2 = a1 + aStride;
    int c2 = c1 + cStride;
    int a3 = a2 + aStride;
    int c3 = c2 + cStride;
    var x00 = FloatVector.fromArray(SPECIES, c, c0);
    var x01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
    var x10 = FloatVector.fromArray(SPECIES, c, c1);
    var x11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
    var x20 = FloatVector.fromArray(SPECIES, c, c2);
    var x21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
    var x30 = FloatVector.fromArray(SPECIES, c, c3);
    var x31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
    for (int k = 0; k < depth; k++, p += bStride) {
      var b0 = FloatVector.fromArray(SPECIES, b, p);
      var b1 = FloatVector.fromArray(SPECIES, b, p + LANES);
      var v0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      x00 = v0.fma(b0, x00);
      x01 = v0.fma(b1, x01);
      var v1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      x10 = v1.fma(b0, x10);
      x11 = v1.fma(b1, x11);
      var v2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      x20 = v2.fma(b0, x20);
      x21 = v2.fma(b1, x21);
      var v3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      x30 = v3.fma(b0, x30);
      x31 = v3.fma(b1, x31);
    }
    x00.intoArray(c, c0);
    x01.intoArray(c, c0 + LANES);
    x10.intoArray(c, c1);
    x11.intoArray(c, c1 + LANES);
    x20.intoArray(c, c2);
    x21.intoArray(c, c2 + LANES);
    x30.intoArray(c, c3);
    x31.intoArray(c, c3 + LANES);
  }

  @Override
  void two(
      int depth,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int p,
      int bStride,
      float[] c,
      int c0,
      int cStride) {
    int a1 = a0 + aStride;
    int c1 = c0 + cStride;
    var x00 = FloatVector.fromArray(SPECIES, c, c0);
    var x01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
    var x10 = FloatVector.fromArray(SPECIES, c, c1);
    var x11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
    for (int k = 0; k < depth; k++, p += bStride) {
      var b0 = FloatVector.fromArray(SPECIES, b, p);
      var b1 = FloatVector.fromArray(SPECIES, b, p + LANES);
      var v0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      x00 = v0.fma(b0, x00);
      x01 = v0.fma(b1, x01);
      var v1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      x10 = v1.fma(b0, x10);
      x11 = v1.fma(b1, x11);
    }
    x00.intoArray(c, c0);
    x01.intoArray(c, c0 + LANES);
    x10.intoArray(c, c1);
    x11.intoArray(c, c1 + LANES);
  }

  @Override
  void one(int depth, float[] a, int a0, float[] b, int p, int bStride, float[] c, int c0) {
    var x00 = FloatVector.fromArray(SPECIES, c, c0);
    var x01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
    for (int k = 0; k < depth; k++, p += bStride) {
      var b0 = FloatVector.fromArray(SPECIES, b, p);
      var b1 = FloatVector.fromArray(SPECIES, b, p + LANES);
      var v0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      x00 = v0.fma(b0, x00);
      x01 = v0.fma(b1, x01);
    }
    x00.intoArray(c, c0);
    x01.intoArray(c, c0 + LANES);
  }
}
