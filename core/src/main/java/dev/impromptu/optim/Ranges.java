package dev.impromptu.optim;

/** Checks of settings, with errors that name them. */
final class Ranges {
  private Ranges() {}

  static void positive(String what, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(what + " " + value + " must be greater than 0");
    }
  }

  static void finite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(what + " " + value + " must be a finite number");
    }
  }

  static void fraction(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(what + " " + value + " must be from 0 to below 1");
    }
  }

  static void notNegative(String what, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(what + " " + value + " must be at least 0");
    }
  }
}
