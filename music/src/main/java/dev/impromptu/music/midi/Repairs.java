package dev.impromptu.music.midi;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what was odd in a file; a sentence met again is counted, not repeated. */
final class Repairs {
  private static final int LIMIT = 200;

  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private int left;

  void add(String sentence) {
    if (counts.size() < LIMIT || counts.containsKey(sentence)) {
      counts.merge(sentence, 1, Integer::sum);
    } else {
      left++;
    }
  }

  List<String> sentences() {
    var sentences = new ArrayList<String>();
    counts.forEach(
        (sentence, count) ->
            sentences.add(count == 1 ? sentence : sentence + " (" + count + " times)"));
    if (left > 0) {
      sentences.add(left + " more findings are not listed");
    }
    return List.copyOf(sentences);
  }
}
