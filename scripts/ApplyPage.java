import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Puts the code of a page of the documentation where the page says it belongs: {@code java
 * ApplyPage.java PAGE ROOT}.
 *
 * <p>A block that opens with {@code into=FILE} is a new file under the root; one with {@code
 * before="TEXT"} or {@code after="TEXT"} besides goes before or after the one line of the file that
 * contains the text.
 */
final class ApplyPage {
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^```\\w+ into=(\\S+)(?: (before|after)=\"([^\\n]*)\")?\\n(.*?)^```$");

  private ApplyPage() {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[1]);
    Matcher blocks = BLOCK.matcher(Files.readString(Path.of(args[0])));
    int count = 0;
    while (blocks.find()) {
      apply(root.resolve(blocks.group(1)), blocks.group(2), blocks.group(3), blocks.group(4));
      count++;
    }
    System.out.println(count + " blocks of " + args[0] + " are in place");
  }

  private static void apply(Path file, String side, String text, String code) throws IOException {
    if (side == null) {
      if (Files.exists(file)) {
        throw new IllegalStateException(file + " is there already, but the page calls it new");
      }
      Files.writeString(file, code);
      return;
    }
    List<String> lines = Files.readAllLines(file);
    int[] places =
        IntStream.range(0, lines.size()).filter(i -> lines.get(i).contains(text)).toArray();
    if (places.length != 1) {
      throw new IllegalStateException(
          "%s: %d lines contain \"%s\", expected one".formatted(file, places.length, text));
    }
    lines.addAll(places[0] + (side.equals("after") ? 1 : 0), code.lines().toList());
    Files.write(file, lines);
  }
}
