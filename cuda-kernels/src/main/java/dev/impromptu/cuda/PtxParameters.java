package dev.impromptu.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads from PTX what a kernel takes. */
final class PtxParameters {
  private PtxParameters() {}

  /** The kinds of parameters that kernels have here. */
  enum Kind {
    POINTER,
    INT,
    FLOAT
  }

  private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)");
  private static final Pattern PARAMETER = Pattern.compile("\\.param\\s+\\.(\\w+)");

  /** The names of all kernels, in order. */
  static List<String> kernels(String ptx) {
    return ENTRY.matcher(ptx).results().map(entry -> entry.group(1)).toList();
  }

  /**
   * The parameters of one kernel, in order.
   *
   * @throws IllegalArgumentException when the PTX has no such kernel, or one of another kind
   */
  static List<Kind> of(String ptx, String kernel) {
    Matcher entry =
        Pattern.compile("\\.entry\\s+" + Pattern.quote(kernel) + "\\s*\\(([^)]*)\\)").matcher(ptx);
    if (!entry.find()) {
      throw new IllegalArgumentException("The PTX has no kernel " + kernel);
    }
    List<Kind> kinds = new ArrayList<>();
    Matcher parameter = PARAMETER.matcher(entry.group(1));
    while (parameter.find()) {
      kinds.add(
          switch (parameter.group(1)) {
            case "u32", "s32", "b32" -> Kind.INT;
            case "f32" -> Kind.FLOAT;
            // PTX does not tell a 64-bit integer from a pointer, so kernels here take none by
            // value.
            case "u64", "b64" -> Kind.POINTER;
            default ->
                throw new IllegalArgumentException(
                    "The kernel " + kernel + " takes a " + parameter.group(1));
          });
    }
    return List.copyOf(kinds);
  }
}
