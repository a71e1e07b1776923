package dev.impromptu.backend;

import java.util.Locale;

/**
 * How exactly a device multiplies. Chosen when the device is opened; sums, states and parameters
 * are of 32 bits in every case.
 */
public enum Precision {
  /** Products of 32-bit numbers, as they are. */
  FP32,
  /** Factors rounded to 10 bits behind the point (NVIDIA's TensorFloat-32), sums of 32 bits. */
  TF32,
  /** Factors rounded to bfloat16, 7 bits behind the point, sums of 32 bits. */
  BF16;

  /**
   * The precision of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Precision named(String name) {
    for (Precision precision : values()) {
      if (precision.optionName().equals(name)) {
        return precision;
      }
    }
    throw new IllegalArgumentException(
        "Precision: met '" + name + "', expected fp32, tf32 or bf16");
  }

  /** The name in options and messages, {@code fp32}. */
  public String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
