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

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link ScalarFunctions}, step by step, for a vector of floats. */
final class VectorFunctions {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private VectorFunctions() {}

  static FloatVector exp(FloatVector x) {
    var z = x.blend(EXP_MAX, x.compare(VectorOperators.GT, EXP_MAX));
    z = z.blend(EXP_MIN, z.compare(VectorOperators.LT, EXP_MIN));
    var t = z.fma(all(LOG2_E), all(ROUNDER));
    var y = expm1(z, t.sub(ROUNDER)).add(1f);
    var n = t.reinterpretAsInts().sub(ROUNDER_BITS);
    var half = n.lanewise(VectorOperators.ASHR, 1);
    return y.mul(power(half)).mul(power(n.sub(half)));
  }

  static FloatVector tanh(FloatVector x) {
    var a = x.abs();
    a = a.blend(TANH_MAX, a.compare(VectorOperators.GT, TANH_MAX));
    var z = a.add(a);
    var t = z.fma(all(LOG2_E), all(ROUNDER));
    var p = expm1(z, t.sub(ROUNDER));
    var s = power(t.reinterpretAsInts().sub(ROUNDER_BITS));
    var e = s.fma(p, s.sub(1f));
    var sign = x.reinterpretAsInts().and(0x80000000);
    return e.div(e.add(2f)).reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  static FloatVector sigmoid(FloatVector x) {
    return all(1f).div(exp(x.neg()).add(1f));
  }

  private static FloatVector expm1(FloatVector z, FloatVector n) {
    var r = n.fma(all(-LN2_LOW), n.fma(all(-LN2_HIGH), z));
    var q = all(Q5).fma(r, all(Q4));
    q = q.fma(r, all(Q3));
    q = q.fma(r, all(Q2));
    q = q.fma(r, all(Q1));
    q = q.fma(r, all(Q0));
    return q.mul(r).fma(r, r);
  }

  private static FloatVector power(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  static FloatVector all(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}
