package dev.impromptu.music.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCsvTest {
  @Test
  void notesAndWindowsAreWrittenAsRows(@TempDir Path folder) throws IOException {
    var piece = new TokenizedPiece("p", List.of("a", "a", "b,b", "a", "b,b", "\"", "a", "a"));
    var options = new DatasetOptions(1, false, SplitKind.WINDOW, 0, 3, 2);
    var dataset = MusicDataset.prepare(List.of(piece), options);
    Path out = folder.resolve("made/for/it");

    DatasetCsv.write(dataset, out);

    assertEquals(
        "id,token,count\n0,a,5\n1,\"b,b\",2\n2,\"\"\"\",1\n",
        Files.readString(out.resolve("notes.csv")));
    List<String> train = Files.readAllLines(out.resolve("trainset.csv"));
    Windows windows = dataset.training().windows();
    int[] x = new int[3];
    int[] y = new int[2];
    windows.copy(0, x, 0, y, 0);
    assertEquals("x,future", train.getFirst());
    assertEquals(windows.size() + 1, train.size());
    assertEquals(x[0] + " " + x[1] + " " + x[2] + "," + y[0] + " " + y[1], train.get(1));
    try (var files = Files.list(out)) {
      assertEquals(4, files.count(), "nothing but the four files is left");
    }
  }
}
