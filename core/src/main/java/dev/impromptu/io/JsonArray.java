package dev.impromptu.io;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Values in order, read all as one kind: {@code array.integers()}. An element of another kind is a
 * {@link JsonException} that names source, path and index.
 */
public final class JsonArray implements JsonValue {
  private final List<JsonValue> elements;
  private final JsonPath path;

  /** Takes the list over: the caller must not change it any more. */
  JsonArray(List<JsonValue> elements, JsonPath path) {
    this.elements = elements;
    this.path = path;
  }

  /**
   * {@return an array of any values}
   *
   * @param values its elements
   */
  public static JsonArray of(Collection<? extends JsonValue> values) {
    return new JsonArray(List.copyOf(values), JsonPath.root(""));
  }

  /**
   * {@return an array of strings}
   *
   * @param values its elements
   * @throws IllegalArgumentException if one is not Unicode
   */
  public static JsonArray ofStrings(Collection<String> values) {
    return of(values.stream().map(Text::new).toList());
  }

  /**
   * {@return an array of whole numbers}
   *
   * @param values its elements
   */
  public static JsonArray ofIntegers(int... values) {
    return of(IntStream.of(values).mapToObj(Whole::new).toList());
  }

  /**
   * {@return an array of whole numbers}
   *
   * @param values its elements
   */
  public static JsonArray ofLongIntegers(long... values) {
    return of(LongStream.of(values).mapToObj(Whole::new).toList());
  }

  /**
   * {@return an array of numbers with fractions}
   *
   * @param values its elements, finite
   * @throws IllegalArgumentException if one is NaN or infinite
   */
  public static JsonArray ofNumbers(double... values) {
    return of(DoubleStream.of(values).mapToObj(Decimal::new).toList());
  }

  /** {@return how many elements there are} */
  public int size() {
    return elements.size();
  }

  /** {@return the elements, of any kind} */
  public List<JsonValue> values() {
    return places().map(JsonPlace::located).toList();
  }

  /**
   * {@return the elements as strings}
   *
   * @throws JsonException if one is something else
   */
  public List<String> strings() {
    return all(JsonPlace::string);
  }

  /**
   * {@return the elements as whole numbers of at most 32 bits}
   *
   * @throws JsonException if one is something else or too large
   */
  public int[] integers() {
    return places().mapToInt(JsonPlace::integer).toArray();
  }

  /**
   * {@return the elements as whole numbers of at most 64 bits}
   *
   * @throws JsonException if one is something else
   */
  public long[] longIntegers() {
    return places().mapToLong(JsonPlace::longInteger).toArray();
  }

  /**
   * {@return the elements as numbers, whole or not}
   *
   * @throws JsonException if one is something else
   */
  public double[] numbers() {
    return places().mapToDouble(JsonPlace::number).toArray();
  }

  /**
   * {@return the elements as objects}
   *
   * @throws JsonException if one is something else
   */
  public List<JsonObject> objects() {
    return all(JsonPlace::object);
  }

  /**
   * {@return the elements as arrays}
   *
   * @throws JsonException if one is something else
   */
  public List<JsonArray> arrays() {
    return all(JsonPlace::array);
  }

  /** The elements, which know nothing of their place. */
  List<JsonValue> elements() {
    return elements;
  }

  JsonArray at(JsonPath place) {
    return new JsonArray(elements, place);
  }

  private <T> List<T> all(Function<JsonPlace, T> kind) {
    return places().map(kind).toList();
  }

  private Stream<JsonPlace> places() {
    return IntStream.range(0, elements.size())
        .mapToObj(index -> new JsonPlace(path.element(index), elements.get(index)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JsonArray array && elements.equals(array.elements);
  }

  @Override
  public int hashCode() {
    return elements.hashCode();
  }

  @Override
  public String toString() {
    return Json.compact(this);
  }
}
