package dev.impromptu.examples.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The Java of one page of the documentation as one class.
 *
 * <p>A block of imports holds for the whole page. A block that begins with a declaration is a
 * member of the page's class. All other blocks under one heading are the body of one method, in
 * order; it is run where the first line of one of them is {@code ```java run}. What such a section
 * prints must be what its comments {@code // prints …} say. A block with {@code into=} belongs into
 * a file of the library: {@link OperationsPageTest} puts it there.
 */
final class Page {
  private static final Pattern DECLARATION =
      Pattern.compile(
          "(@\\w+|public|final|static|sealed|record|class|interface|enum|private)\\b.*",
          Pattern.DOTALL);

  private static final Pattern PRINTS = Pattern.compile("// prints (.*)");

  private final String name;
  private final Set<String> imports = new LinkedHashSet<>();
  private final StringBuilder members = new StringBuilder();
  private final List<Section> sections = new ArrayList<>();

  /** What stands under one heading. */
  static final class Section {
    private final String heading;
    private final StringBuilder body = new StringBuilder();
    private boolean run;

    Section(String heading) {
      this.heading = heading;
    }

    String heading() {
      return heading;
    }

    boolean isRun() {
      return run;
    }

    /** What the comments say is printed. */
    List<String> prints() {
      return PRINTS.matcher(body).results().map(match -> match.group(1).strip()).toList();
    }
  }

  private Page(String name) {
    this.name = name;
  }

  static Page read(Path file) throws IOException {
    var page = new Page(file.getFileName().toString().replace(".md", "").replace('-', '_'));
    List<String> lines = Files.readAllLines(file);
    page.sections.add(new Section(""));
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("#")) {
        page.sections.add(new Section(line.replaceFirst("#+ *", "")));
      } else if (line.startsWith("```")) {
        int end = i + 1;
        while (!lines.get(end).startsWith("```")) {
          end++;
        }
        page.add(line.substring(3).strip(), lines.subList(i + 1, end));
        i = end;
      }
    }
    page.sections.removeIf(section -> section.body.isEmpty());
    return page;
  }

  private void add(String info, List<String> lines) {
    if (!info.matches("java( run)?")) {
      return;
    }
    String code = String.join("\n", lines) + "\n";
    if (lines.stream().allMatch(line -> line.isBlank() || line.startsWith("import "))) {
      lines.stream().filter(line -> !line.isBlank()).forEach(imports::add);
    } else if (DECLARATION.matcher(withoutComment(code)).matches()) {
      // Nested types of the page's class, so that a method needs no instance of it.
      members.append(code.replaceFirst("(?m)^((final |sealed )*class )", "static $1")).append('\n');
    } else {
      Section section = sections.getLast();
      section.body.append(code);
      section.run |= info.endsWith(" run");
    }
  }

  private static String withoutComment(String code) {
    return code.strip().replaceFirst("(?s)^/\\*\\*.*?\\*/\\s*", "");
  }

  String className() {
    return "docs." + name;
  }

  boolean isEmpty() {
    return sections.isEmpty() && members.isEmpty();
  }

  List<Section> sections() {
    return sections;
  }

  static String method(int section) {
    return "section" + section;
  }

  String source() {
    var source = new StringBuilder("package docs;\n\n");
    imports.forEach(line -> source.append(line).append('\n'));
    source.append("\nfinal class ").append(name).append(" {\n").append(members);
    for (int i = 0; i < sections.size(); i++) {
      source
          .append(
              "/** %s. */\nstatic void %s() throws Exception {\n".formatted(heading(i), method(i)))
          .append(sections.get(i).body)
          .append("}\n");
    }
    return source.append("}\n").toString();
  }

  private String heading(int section) {
    return sections.get(section).heading;
  }

  @Override
  public String toString() {
    return name.replace('_', '-') + ".md";
  }
}
