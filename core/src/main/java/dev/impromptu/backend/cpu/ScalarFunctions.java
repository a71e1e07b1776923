package dev.impromptu.backend.cpu;

/**
 * Exponential, hyperbolic tangent and logistic function of one float, built so that a vector of
 * them can take the same steps: no tables, no branches.
 *
 * <p>{@code x = n ln 2 + r} with {@code |r| <= ln(2) / 2}, and {@code e^r - 1 = r + r^2 q(r)} with
 * the polynomial q of Moshier's Cephes library ({@code expf}). Keeping {@code e^r - 1} apart from 1
 * gives tanh full relative accuracy near 0 without a second formula.
 */
final class ScalarFunctions {
  static final float LOG2_E = 0x1.715476p0f;

  /** ln 2 rounded to a float, and what the rounding lost. */
  static final float LN2_HIGH = 0x1.62e43p-1f;

  static final float LN2_LOW = -0x1.05c61p-29f;

  /** 1.5 * 2^23: adding it rounds to an integer that can be read off the low bits. */
  static final float ROUNDER = 0x1.8p23f;

  static final int ROUNDER_BITS = 0x4B400000;

  static final float Q5 = 1.9875691500E-4f;
  static final float Q4 = 1.3981999507E-3f;
  static final float Q3 = 8.3334519073E-3f;
  static final float Q2 = 4.1665795894E-2f;
  static final float Q1 = 1.6666665459E-1f;
  static final float Q0 = 5.0000001201E-1f;

  /** Beyond these e^x is infinite or zero. */
  static final float EXP_MAX = 89f;

  static final float EXP_MIN = -105f;

  /** From here on tanh rounds to 1. */
  static final float TANH_MAX = 10f;

  private ScalarFunctions() {}

  static float exp(float x) {
    float z = x > EXP_MAX ? EXP_MAX : x;
    z = z < EXP_MIN ? EXP_MIN : z;
    float t = Math.fma(z, LOG2_E, ROUNDER);
    float y = 1f + expm1(z, t - ROUNDER);
    // 2^n in two factors, so that results near the ends of the range are rounded once only.
    int n = Float.floatToRawIntBits(t) - ROUNDER_BITS;
    int half = n >> 1;
    return y * power(half) * power(n - half);
  }

  static float tanh(float x) {
    float a = Math.abs(x);
    a = a > TANH_MAX ? TANH_MAX : a;
    float z = a + a;
    float t = Math.fma(z, LOG2_E, ROUNDER);
    float p = expm1(z, t - ROUNDER);
    float s = power(Float.floatToRawIntBits(t) - ROUNDER_BITS);
    // (e^2a - 1) / (e^2a + 1)
    float e = Math.fma(s, p, s - 1f);
    return Math.copySign(e / (e + 2f), x);
  }

  static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  /** {@code e^(z - n ln 2) - 1}. */
  private static float expm1(float z, float n) {
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, z));
    float q = Math.fma(Q5, r, Q4);
    q = Math.fma(q, r, Q3);
    q = Math.fma(q, r, Q2);
    q = Math.fma(q, r, Q1);
    q = Math.fma(q, r, Q0);
    return Math.fma(q * r, r, r);
  }

  private static float power(int n) {
    return Float.intBitsToFloat((n + 127) << 23);
  }
}
