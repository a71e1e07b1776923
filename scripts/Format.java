import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Formats every Java source of the project, or checks that it is formatted; run by the build. */
final class Format {
  private Format() {}

  public static void main(String[] args) throws IOException {
    boolean apply = args[0].equals("apply");
    Path root = Path.of(args[1]);
    List<String> unformatted = new ArrayList<>();
    for (Path file : sources(root)) {
      String before = Files.readString(file);
      String after;
      try {
        String used = RemoveUnusedImports.removeUnusedImports(before);
        after =
            new Formatter()
                .formatSource(
                    ImportOrderer.reorderImports(used, JavaFormatterOptions.Style.GOOGLE));
      } catch (FormatterException e) {
        unformatted.add(root.relativize(file) + " (" + e.getMessage().strip() + ")");
        continue;
      }
      if (!after.equals(before)) {
        if (apply) {
          Files.writeString(file, after);
        } else {
          unformatted.add(root.relativize(file).toString());
        }
      }
    }
    if (!unformatted.isEmpty()) {
      System.err.println("Not formatted; run './mvnw process-sources -Dformat=apply' to mend it:");
      unformatted.forEach(file -> System.err.println("  " + file));
      System.exit(1);
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    try (var walk = Files.walk(root)) {
      return walk.filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !root.relativize(file).toString().contains("target"))
          .sorted()
          .toList();
    }
  }
}
