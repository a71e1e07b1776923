package dev.impromptu.benchmarks.gpu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is asked for on the command line.
 *
 * @param pieces some of {@code lstm}, {@code conv} and {@code step}
 * @param quick tiny sizes and two samples, to see that everything works
 * @param device {@code cuda}, or {@code cpu} to try the harness
 * @param out where the report goes beside standard output: two files, {@code .md} and {@code .json}
 * @param seconds after which no further work is begun
 * @param hidden sizes of the LSTM
 * @param batches of all pieces; empty for each piece's own
 * @param times steps of the LSTM's sequences
 * @param torch the script that times PyTorch
 */
record Options(
    Set<String> pieces,
    boolean quick,
    String device,
    Optional<Path> out,
    int seconds,
    List<Integer> hidden,
    List<Integer> batches,
    List<Integer> times,
    Optional<Path> torch) {
  static final String USAGE =
      """
      bench [lstm] [conv] [step] [--quick] [--out NAME] [--seconds N] [--hidden LIST] [--batch LIST] [--time LIST]
        lstm, conv, step  what to time (default: all)
        --quick           tiny sizes, two samples: to see that it works
        --out NAME        write the report to NAME.md and NAME.json too
        --seconds N       begin nothing new after that time (default: 540)
        --hidden LIST     sizes of the LSTM (default: 128,256,512,1024)
        --batch LIST      sequences together (default: lstm 1,8,32,64,256; conv and step 8,64,256)
        --time LIST       steps of the LSTM's sequences (default: 32,128)
      """;

  private static final Set<String> PIECES = Set.of("lstm", "conv", "step");

  Options {
    pieces = Set.copyOf(pieces);
    hidden = List.copyOf(hidden);
    batches = List.copyOf(batches);
    times = List.copyOf(times);
  }

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException when it cannot be understood
   */
  static Options of(String... words) {
    List<String> pieces = new ArrayList<>();
    boolean quick = false;
    String device = "cuda";
    Optional<Path> out = Optional.empty();
    Optional<Path> torch = Optional.empty();
    int seconds = 540;
    List<Integer> hidden = List.of(128, 256, 512, 1024);
    List<Integer> batches = List.of();
    List<Integer> times = List.of(32, 128);
    for (int i = 0; i < words.length; i++) {
      String word = words[i];
      if (PIECES.contains(word)) {
        pieces.add(word);
      } else if (word.equals("--quick")) {
        quick = true;
      } else if (i + 1 == words.length) {
        throw new IllegalArgumentException("bench: met '" + word + "', expected\n" + USAGE);
      } else {
        String value = words[++i];
        switch (word) {
          case "--out" -> out = Optional.of(Path.of(value));
          case "--torch" -> torch = Optional.of(Path.of(value));
          case "--device" -> device = value;
          case "--seconds" -> seconds = numbers(word, value).getFirst();
          case "--hidden" -> hidden = numbers(word, value);
          case "--batch" -> batches = numbers(word, value);
          case "--time" -> times = numbers(word, value);
          default ->
              throw new IllegalArgumentException("bench: met '" + word + "', expected\n" + USAGE);
        }
      }
    }
    return new Options(
        pieces.isEmpty() ? PIECES : Set.copyOf(pieces),
        quick,
        device,
        out,
        seconds,
        quick ? List.of(32) : hidden,
        quick ? List.of(2) : batches,
        quick ? List.of(3) : times,
        torch);
  }

  private static List<Integer> numbers(String option, String list) {
    try {
      List<Integer> numbers = Arrays.stream(list.split(",")).map(Integer::valueOf).toList();
      if (numbers.stream().allMatch(number -> number > 0)) {
        return numbers;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(refusal(option, list), e);
    }
    throw new IllegalArgumentException(refusal(option, list));
  }

  private static String refusal(String option, String list) {
    return "bench: " + option + " takes whole numbers above 0 with commas between, but got " + list;
  }

  Effort effort() {
    return quick ? Effort.QUICK : Effort.FULL;
  }

  List<Integer> batchesOr(List<Integer> usual) {
    return batches.isEmpty() ? usual : batches;
  }
}
