package dev.impromptu.examples.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The POMs say what a repository such as Maven Central asks of what it takes. */
class PublishingTest {
  private static final List<String> OF_ALL = List.of("url", "licenses", "developers", "scm");

  @ParameterizedTest
  @ValueSource(strings = {"bom", "core", "cuda-kernels", "music", "examples", "."})
  void aPublishedModuleIsNamedAndDescribed(String folder) throws Exception {
    Element pom = pom(folder);
    for (String name : List.of("name", "description")) {
      assertFalse(text(pom, name).isBlank(), folder + " lacks " + name);
    }
    // The others have these from the parent.
    if (children(pom, "parent").isEmpty()) {
      for (String name : OF_ALL) {
        assertFalse(text(pom, name).isBlank(), folder + " lacks " + name);
      }
    }
  }

  @Test
  void theBomNamesEveryPublishedModule() throws Exception {
    Element bom = pom("bom");
    List<String> named = new ArrayList<>();
    var artifacts = bom.getElementsByTagName("artifactId");
    for (int i = 1; i < artifacts.getLength(); i++) {
      named.add(artifacts.item(i).getTextContent());
    }
    List<String> published = new ArrayList<>();
    Element modules = children(pom("."), "modules").getFirst();
    for (Element module : children(modules, "module")) {
      Element pom = pom(module.getTextContent());
      boolean skipped = pom.getElementsByTagName("maven.deploy.skip").getLength() > 0;
      if (!skipped && !module.getTextContent().equals("bom")) {
        published.add(text(pom, "artifactId"));
      }
    }
    assertEquals(published, named);
  }

  private static Element pom(String folder) throws Exception {
    var file = Path.of("..", folder, "pom.xml").toFile();
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(file)
        .getDocumentElement();
  }

  private static String text(Element parent, String name) {
    List<Element> found = children(parent, name);
    return found.isEmpty() ? "" : found.getFirst().getTextContent();
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }
}
