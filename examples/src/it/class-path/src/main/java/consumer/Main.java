package consumer;

import dev.impromptu.backend.BackendProvider;
import dev.impromptu.examples.Impromptu;
import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.songbook.Songbook;
import dev.impromptu.music.token.Tokenizers;
import dev.impromptu.tensor.Device;
import java.util.List;
import java.util.stream.Collectors;

/** Finds the devices, turns a piece into tokens and back, and names the program. */
final class Main {
  private Main() {}

  public static void main(String[] args) {
    String devices =
        Device.providers().stream()
            .map(BackendProvider::name)
            .sorted()
            .collect(Collectors.joining(" "));
    Score piece = Songbook.pieces().getFirst().score();
    var rhythm = Tokenizers.named("rhythm");
    List<String> tokens = rhythm.tokens(piece);
    byte[] midi = MidiWriter.bytes(rhythm.score("again", tokens));
    System.out.printf(
        "%s; %s; %s%n",
        devices,
        midi.length > 100 ? "a piece" : midi.length + " bytes",
        Impromptu.class.getSimpleName());
  }
}
