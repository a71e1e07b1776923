package dev.impromptu.music.train;

import dev.impromptu.backend.Precision;
import dev.impromptu.io.JsonObject;
import dev.impromptu.io.JsonValue;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.SplitKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that decides what a training run gives, beside the pieces.
 *
 * @param tokens name of the tokenizer
 * @param data how windows are made and split; its seed is that of the whole run
 * @param architecture sizes of the network, as {@link
 *     dev.impromptu.music.model.SequenceModel#architecture} writes them
 * @param plan how it is brought to learn
 * @param limitWindows the training set is cut to so many windows after the split; 0 for all
 * @param precision of the products of training
 */
public record TrainingSettings(
    String tokens,
    DatasetOptions data,
    JsonObject architecture,
    TrainingPlan plan,
    int limitWindows,
    Precision precision) {

  /** The seed of the whole run. */
  public long seed() {
    return data.seed();
  }

  /** For {@code model.json}; {@link #of} reads it. */
  public JsonObject toJson() {
    return JsonObject.builder()
        .put("tokens", tokens)
        .put("min_count", data.minCount())
        .put("skip_note", data.skipNote())
        .put("split", data.split().optionName())
        .put("seed", data.seed())
        .put("context", data.contextLength())
        .put("future", data.future())
        .put("fold", data.fold())
        .put("transpose", data.transpose())
        .put("plan", plan.toJson())
        .put("limit_windows", limitWindows)
        .put("precision", precision.optionName())
        .put("architecture", architecture)
        .build();
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws dev.impromptu.io.JsonException when something is missing or of another kind
   */
  public static TrainingSettings of(JsonObject json) {
    return new TrainingSettings(
        json.string("tokens"),
        new DatasetOptions(
            json.integer("min_count"),
            json.bool("skip_note"),
            SplitKind.named(json.string("split")),
            json.longInteger("seed"),
            json.integer("context"),
            json.integer("future"),
            json.integer("fold"),
            json.integer("transpose")),
        json.object("architecture"),
        TrainingPlan.of(json.object("plan")),
        json.integer("limit_windows"),
        Precision.named(json.string("precision")));
  }

  /**
   * Every setting that {@code other} has otherwise, as {@code name: this, there other}, where a run
   * has come some way: curricula may differ in what is still to come.
   *
   * @param epochs that were begun
   */
  public List<String> differences(TrainingSettings other, int epochs) {
    boolean sameCourse = plan.curriculum().beginsLike(other.plan.curriculum(), epochs);
    return differences(
        "", (sameCourse ? withCurriculum(other.plan.curriculum()) : this).toJson(), other.toJson());
  }

  private TrainingSettings withCurriculum(Curriculum curriculum) {
    return new TrainingSettings(
        tokens, data, architecture, plan.withCurriculum(curriculum), limitWindows, precision);
  }

  private static List<String> differences(String prefix, JsonObject here, JsonObject there) {
    List<String> differences = new ArrayList<>();
    for (String name : here.names()) {
      if (!there.has(name)) {
        differences.add("%s%s: %s, there none".formatted(prefix, name, here.value(name)));
        continue;
      }
      JsonValue mine = here.value(name);
      JsonValue its = there.value(name);
      if (mine instanceof JsonObject a && its instanceof JsonObject b) {
        differences.addAll(differences(prefix + name + ".", a, b));
      } else if (!mine.equals(its)) {
        differences.add("%s%s: %s, there %s".formatted(prefix, name, mine, its));
      }
    }
    for (String name : there.names()) {
      if (!here.has(name)) {
        differences.add("%s%s: none, there %s".formatted(prefix, name, there.value(name)));
      }
    }
    return differences;
  }
}
