package dev.impromptu.io;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Named values in the order in which they were written.
 *
 * <p>{@code object.integer("batch")} reads a member as one kind; a missing member or one of another
 * kind is a {@link JsonException} that names source and path. The {@code optional…} accessors give
 * nothing where the member is missing or null, and still refuse one of another kind.
 *
 * <p>Objects with the same members are equal in whatever order.
 */
public final class JsonObject implements JsonValue {
  private final Map<String, JsonValue> members;
  private final JsonPath path;

  /** Takes the map over: the caller must not change it any more. */
  JsonObject(Map<String, JsonValue> members, JsonPath path) {
    this.members = Collections.unmodifiableMap(members);
    this.path = path;
  }

  /**
   * Begins an object.
   *
   * @return a builder without members
   */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return the names in their order} */
  public Set<String> names() {
    return members.keySet();
  }

  /**
   * {@return whether there is a member of that name, null or not}
   *
   * @param name of the member
   */
  public boolean has(String name) {
    return members.containsKey(name);
  }

  /**
   * {@return a member of any kind}
   *
   * @param name of the member
   * @throws JsonException if it is missing
   */
  public JsonValue value(String name) {
    return place(name).located();
  }

  /**
   * {@return a string}
   *
   * @param name of the member
   * @throws JsonException if it is missing or something else
   */
  public String string(String name) {
    return place(name).string();
  }

  /**
   * {@return a whole number of at most 32 bits}
   *
   * @param name of the member
   * @throws JsonException if it is missing, something else or too large
   */
  public int integer(String name) {
    return place(name).integer();
  }

  /**
   * {@return a whole number of at most 64 bits}
   *
   * @param name of the member
   * @throws JsonException if it is missing or something else
   */
  public long longInteger(String name) {
    return place(name).longInteger();
  }

  /**
   * {@return a number, whole or not}
   *
   * @param name of the member
   * @throws JsonException if it is missing or something else
   */
  public double number(String name) {
    return place(name).number();
  }

  /**
   * {@return true or false}
   *
   * @param name of the member
   * @throws JsonException if it is missing or something else
   */
  public boolean bool(String name) {
    return place(name).bool();
  }

  /**
   * {@return an object}
   *
   * @param name of the member
   * @throws JsonException if it is missing or something else
   */
  public JsonObject object(String name) {
    return place(name).object();
  }

  /**
   * {@return an array}
   *
   * @param name of the member
   * @throws JsonException if it is missing or something else
   */
  public JsonArray array(String name) {
    return place(name).array();
  }

  /**
   * {@return a string, if there is one}
   *
   * @param name of the member
   * @throws JsonException if it is something else
   */
  public Optional<String> optionalString(String name) {
    return present(name) ? Optional.of(string(name)) : Optional.empty();
  }

  /**
   * {@return a whole number of at most 32 bits, if there is one}
   *
   * @param name of the member
   * @throws JsonException if it is something else or too large
   */
  public OptionalInt optionalInteger(String name) {
    return present(name) ? OptionalInt.of(integer(name)) : OptionalInt.empty();
  }

  /**
   * {@return a whole number of at most 64 bits, if there is one}
   *
   * @param name of the member
   * @throws JsonException if it is something else
   */
  public OptionalLong optionalLongInteger(String name) {
    return present(name) ? OptionalLong.of(longInteger(name)) : OptionalLong.empty();
  }

  /**
   * {@return a number, whole or not, if there is one}
   *
   * @param name of the member
   * @throws JsonException if it is something else
   */
  public OptionalDouble optionalNumber(String name) {
    return present(name) ? OptionalDouble.of(number(name)) : OptionalDouble.empty();
  }

  /**
   * {@return true or false, if it is said}
   *
   * @param name of the member
   * @throws JsonException if it is something else
   */
  public Optional<Boolean> optionalBool(String name) {
    return present(name) ? Optional.of(bool(name)) : Optional.empty();
  }

  /**
   * {@return an object, if there is one}
   *
   * @param name of the member
   * @throws JsonException if it is something else
   */
  public Optional<JsonObject> optionalObject(String name) {
    return present(name) ? Optional.of(object(name)) : Optional.empty();
  }

  /**
   * {@return an array, if there is one}
   *
   * @param name of the member
   * @throws JsonException if it is something else
   */
  public Optional<JsonArray> optionalArray(String name) {
    return present(name) ? Optional.of(array(name)) : Optional.empty();
  }

  /**
   * {@return an error about a member, to throw where its kind is right and its value is not}
   *
   * @param name of the member, which may be missing
   * @param what is wrong: {@code expected lstm or wavenet, met "gru"}
   */
  public JsonException error(String name, String what) {
    return path.member(name).error(what);
  }

  /** The members; the values know nothing of their place. */
  Map<String, JsonValue> members() {
    return members;
  }

  JsonObject at(JsonPath place) {
    return new JsonObject(members, place);
  }

  private boolean present(String name) {
    return members.getOrDefault(name, Null.NULL) != Null.NULL;
  }

  private JsonPlace place(String name) {
    JsonValue value = members.get(name);
    if (value == null) {
      throw error(name, "missing");
    }
    return new JsonPlace(path.member(name), value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JsonObject object && members.equals(object.members);
  }

  @Override
  public int hashCode() {
    return members.hashCode();
  }

  @Override
  public String toString() {
    return Json.compact(this);
  }

  /** Collects the members of an object, in order. */
  public static final class Builder {
    private final Map<String, JsonValue> members = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds a member of any kind.
     *
     * @param name not used before
     * @param value what it holds
     * @return this builder
     * @throws IllegalArgumentException if the name was used before or is not Unicode
     */
    public Builder put(String name, JsonValue value) {
      Json.requireUnicode(name);
      if (members.putIfAbsent(name, value) != null) {
        throw new IllegalArgumentException(
            "JsonObject: the name \"" + name + "\" was put twice; names must differ");
      }
      return this;
    }

    /**
     * Adds a string.
     *
     * @param name not used before
     * @param value Unicode text
     * @return this builder
     * @throws IllegalArgumentException if the name was used before, or either is not Unicode
     */
    public Builder put(String name, String value) {
      return put(name, new Text(value));
    }

    /**
     * Adds a whole number.
     *
     * @param name not used before
     * @param value the number
     * @return this builder
     * @throws IllegalArgumentException if the name was used before or is not Unicode
     */
    public Builder put(String name, long value) {
      return put(name, new Whole(value));
    }

    /**
     * Adds a number with a fraction.
     *
     * @param name not used before
     * @param value the number, finite
     * @return this builder
     * @throws IllegalArgumentException if the name was used before or is not Unicode, or the value
     *     is NaN or infinite
     */
    public Builder put(String name, double value) {
      return put(name, new Decimal(value));
    }

    /**
     * Adds true or false.
     *
     * @param name not used before
     * @param value which
     * @return this builder
     * @throws IllegalArgumentException if the name was used before or is not Unicode
     */
    public Builder put(String name, boolean value) {
      return put(name, new Bool(value));
    }

    /** {@return the object; the builder may go on} */
    public JsonObject build() {
      return new JsonObject(new LinkedHashMap<>(members), JsonPath.root(""));
    }
  }
}
