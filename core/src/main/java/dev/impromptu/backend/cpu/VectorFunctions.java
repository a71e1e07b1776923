package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.ScalarFunctions.EXP_MAX;
import static dev.impromptu.backend.cpu.ScalarFunctions.EXP_MIN;
import static dev.impromptu.backend.cpu.ScalarFunctions.LN2_HIGH;
import static dev.impromptu.backend.cpu.ScalarFunctions.LN2_LOW;
import static dev.impromptu.backend.cpu.ScalarFunctions.LOG2_E;
import static dev.impromptu.backend.cpu.ScalarFunctions.Q0;
import static dev.impromptu.backend.cpu.ScalarFunctions.Q1;
import static dev.impromptu.backend.cpu.ScalarFunctions.Q2;
import static dev.impromptu.backend.cpu.ScalarFunctions.Q3;
import static dev.impromptu.backend.cpu.ScalarFunctions.Q4;
import static dev.impromptu.backend.cpu.ScalarFunctions.Q5;
import static dev.impromptu.backend.cpu.ScalarFunctions.ROUNDER;
import static dev.impromptu.backend.cpu.ScalarFunctions.ROUNDER_BITS;
import static dev.impromptu.backend.cpu.ScalarFunctions.TANH_MAX;
import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ScalarFunctions}, step by step, for whole vectors of an array.
 *
 * <p>Each loop stands in one method, and even a constant is spread by the Vector API itself, on
 * purpose. A method of ours that returned a vector might be called instead of inlined, where it was
 * compiled before its callers or seems to be called seldom; every vector that passes such a call is
 * an object, and so may be all that follows from it. Which runs that struck was a matter of luck.
 */
final class VectorFunctions {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private VectorFunctions() {}

  /** {@code y = e^(x - shift)} for {@code n} elements, a multiple of the vector length. */
  static void exp(int n, float shift, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += LANES) {
      var z = FloatVector.fromArray(SPECIES, x, xo + i).sub(shift);
      z = z.blend(EXP_MAX, z.compare(VectorOperators.GT, EXP_MAX));
      z = z.blend(EXP_MIN, z.compare(VectorOperators.LT, EXP_MIN));
      var t = z.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
      var m = t.sub(ROUNDER);
      var r = m.fma(broadcast(SPECIES, -LN2_LOW), m.fma(broadcast(SPECIES, -LN2_HIGH), z));
      var q =
          broadcast(SPECIES, Q5)
              .fma(r, broadcast(SPECIES, Q4))
              .fma(r, broadcast(SPECIES, Q3))
              .fma(r, broadcast(SPECIES, Q2));
      q = q.fma(r, broadcast(SPECIES, Q1)).fma(r, broadcast(SPECIES, Q0));
      var e = q.mul(r).fma(r, r).add(1f);
      var k = t.reinterpretAsInts().sub(ROUNDER_BITS);
      var half = k.lanewise(VectorOperators.ASHR, 1);
      var low = half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      var high = k.sub(half).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      e.mul(low).mul(high).intoArray(y, yo + i);
    }
  }

  /** {@code y = tanh(x)} for {@code n} elements, a multiple of the vector length. */
  static void tanh(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += LANES) {
      var v = FloatVector.fromArray(SPECIES, x, xo + i);
      var a = v.abs();
      a = a.blend(TANH_MAX, a.compare(VectorOperators.GT, TANH_MAX));
      var z = a.add(a);
      var t = z.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
      var m = t.sub(ROUNDER);
      var r = m.fma(broadcast(SPECIES, -LN2_LOW), m.fma(broadcast(SPECIES, -LN2_HIGH), z));
      var q =
          broadcast(SPECIES, Q5)
              .fma(r, broadcast(SPECIES, Q4))
              .fma(r, broadcast(SPECIES, Q3))
              .fma(r, broadcast(SPECIES, Q2));
      q = q.fma(r, broadcast(SPECIES, Q1)).fma(r, broadcast(SPECIES, Q0));
      var p = q.mul(r).fma(r, r);
      var k = t.reinterpretAsInts().sub(ROUNDER_BITS);
      var s = k.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
      var e = s.fma(p, s.sub(1f));
      var sign = v.reinterpretAsInts().and(0x80000000);
      e.div(e.add(2f)).reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(y, yo + i);
    }
  }

  /** {@code y = 1 / (1 + e^-x)} for {@code n} elements, a multiple of the vector length. */
  static void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).neg().intoArray(y, yo + i);
    }
    exp(n, 0f, y, yo, y, yo);
    for (int i = 0; i < n; i += LANES) {
      var e = FloatVector.fromArray(SPECIES, y, yo + i);
      broadcast(SPECIES, 1f).div(e.add(1f)).intoArray(y, yo + i);
    }
  }
}
