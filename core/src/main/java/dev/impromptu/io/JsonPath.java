package dev.impromptu.io;

import org.jspecify.annotations.Nullable;

/**
 * Where a value stands: the source and the steps from its root. Linked upwards and spelled out only
 * when an error needs it, so that reading costs nothing.
 *
 * @param source what errors call the text, or empty
 * @param parent the place of the object or array around it; null at the root
 * @param name of the member, or empty
 * @param index of the element, or -1
 */
record JsonPath(String source, @Nullable JsonPath parent, String name, int index) {
  private static final int LONGEST_NAME = 60;

  static JsonPath root(String source) {
    return new JsonPath(source, null, "", -1);
  }

  JsonPath member(String member) {
    return new JsonPath(source, this, member, -1);
  }

  JsonPath element(int position) {
    return new JsonPath(source, this, "", position);
  }

  /** The error that something about this place is wrong. */
  JsonException error(String what) {
    String path = path();
    String where = source.isEmpty() || path.isEmpty() ? source + path : source + ": " + path;
    return new JsonException(where.isEmpty() ? what : where + ": " + what);
  }

  private String path() {
    if (parent == null) {
      return "";
    }
    String outer = parent.path();
    if (index >= 0) {
      return outer + "[" + index + "]";
    }
    String inner = Json.abbreviated(name, LONGEST_NAME);
    if (!inner.matches("[\\w-]+")) {
      return outer + "[" + inner + "]";
    }
    return outer.isEmpty() ? inner : outer + "." + inner;
  }
}
