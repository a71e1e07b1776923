package dev.impromptu.examples.cli;

import java.io.IOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Says which version runs where. */
final class Version implements IVersionProvider {
  /** Maven puts it into every jar; classes run from a build folder have none. */
  private static final String POM =
      "/META-INF/maven/dev.impromptu/impromptu-examples/pom.properties";

  /** For picocli. */
  Version() {}

  @Override
  public String[] getVersion() throws IOException {
    var pom = new Properties();
    try (var in = Version.class.getResourceAsStream(POM)) {
      if (in != null) {
        pom.load(in);
      }
    }
    return new String[] {
      "impromptu " + pom.getProperty("version", "(development build)"),
      "Java " + Runtime.version() + ", " + System.getProperty("java.vendor")
    };
  }
}
