package dev.impromptu.io;

/**
 * A JSON value (RFC 8259): an object, an array or one of the scalars nested here. All are
 * immutable; {@code toString} gives compact JSON.
 */
public sealed interface JsonValue permits JsonObject, JsonArray, JsonValue.Scalar {
  /** A value without parts. */
  sealed interface Scalar extends JsonValue {}

  /**
   * A string.
   *
   * @param value Unicode text
   */
  record Text(String value) implements Scalar {
    /**
     * Checks that the text can be written as UTF-8.
     *
     * @throws IllegalArgumentException if a surrogate stands alone
     */
    public Text {
      Json.requireUnicode(value);
    }

    @Override
    public String toString() {
      return Json.compact(this);
    }
  }

  /**
   * A number written without fraction and exponent, kept exactly.
   *
   * @param value the number
   */
  record Whole(long value) implements Scalar {
    @Override
    public String toString() {
      return Json.compact(this);
    }
  }

  /**
   * A number with a fraction or an exponent. It is written with the fewest digits that give the
   * same {@code double} back.
   *
   * @param value the number, finite
   */
  record Decimal(double value) implements Scalar {
    /**
     * Checks that JSON has a notation for it.
     *
     * @throws IllegalArgumentException for NaN and the infinities
     */
    public Decimal {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("JSON has no number " + value);
      }
    }

    @Override
    public String toString() {
      return Json.compact(this);
    }
  }

  /**
   * True or false.
   *
   * @param value which
   */
  record Bool(boolean value) implements Scalar {
    @Override
    public String toString() {
      return Json.compact(this);
    }
  }

  /** The null of JSON. */
  enum Null implements Scalar {
    /** Its only instance. */
    NULL;

    @Override
    public String toString() {
      return Json.compact(this);
    }
  }
}
