package dev.impromptu.music.train;

import dev.impromptu.io.JsonObject;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.optim.CosineDecay;
import dev.impromptu.optim.Schedule;
import java.util.Locale;

/**
 * How a network is brought to learn.
 *
 * @param curriculum tokens ahead by epochs
 * @param lookahead how several of them are foretold while training; validation always slides
 * @param batchSize windows in a step
 * @param learningRate of Adam, at its highest
 * @param course of the learning rate over the whole curriculum
 * @param maxNorm longest gradient allowed, {@link #UNLIMITED} for any
 */
public record TrainingPlan(
    Curriculum curriculum,
    Lookahead lookahead,
    int batchSize,
    double learningRate,
    Course course,
    double maxNorm) {
  /** No limit to the gradient. */
  public static final double UNLIMITED = Double.POSITIVE_INFINITY;

  /** The batch used where nothing else is said. */
  public static final int BATCH = 64;

  /** The learning rate used where nothing else is said. */
  public static final double LEARNING_RATE = 1e-3;

  /** The epochs used where nothing else is said. */
  public static final int EPOCHS = 30;

  /** The batch of the original project. */
  public static final int ORIGINAL_BATCH = 8;

  /** The learning rate of the original project's script. */
  public static final double ORIGINAL_LEARNING_RATE = 1e-4;

  /** What is used where nothing else is said. */
  public static final TrainingPlan DEFAULTS =
      new TrainingPlan(
          Curriculum.nextToken(EPOCHS), Lookahead.CARRY, BATCH, LEARNING_RATE, Course.COSINE, 1);

  /** The original project's. */
  public static final TrainingPlan ORIGINAL =
      new TrainingPlan(
          Curriculum.ORIGINAL,
          Lookahead.SLIDE,
          ORIGINAL_BATCH,
          ORIGINAL_LEARNING_RATE,
          Course.CONSTANT,
          UNLIMITED);

  private static final int WARM_UP_STEPS = 200;
  private static final double FLOOR = 0.02;

  /** How the learning rate changes. */
  public enum Course {
    /** Not at all. */
    CONSTANT,
    /**
     * Up within the first 200 steps, or a tenth of all where that is less, then down along a cosine
     * to a fiftieth.
     */
    COSINE;

    /** The name in files. */
    public String optionName() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Course named(String name) {
      for (Course course : values()) {
        if (course.optionName().equals(name)) {
          return course;
        }
      }
      throw new IllegalArgumentException(
          "course: there is no '%s'; known are constant and cosine".formatted(name));
    }
  }

  /** Checks the batch and the rates. */
  public TrainingPlan {
    if (batchSize < 1 || !(learningRate > 0) || !(maxNorm > 0)) {
      throw new IllegalArgumentException(
          ("TrainingPlan: batch size %d must be at least 1, learning rate %s and gradient norm %s"
                  + " greater than 0")
              .formatted(batchSize, learningRate, maxNorm));
    }
  }

  /** The same with another curriculum. */
  public TrainingPlan withCurriculum(Curriculum other) {
    return new TrainingPlan(other, lookahead, batchSize, learningRate, course, maxNorm);
  }

  /** The same with another lookahead. */
  public TrainingPlan withLookahead(Lookahead other) {
    return new TrainingPlan(curriculum, other, batchSize, learningRate, course, maxNorm);
  }

  /** The same with another batch size. */
  public TrainingPlan withBatchSize(int windows) {
    return new TrainingPlan(curriculum, lookahead, windows, learningRate, course, maxNorm);
  }

  /** The same with another learning rate. */
  public TrainingPlan withLearningRate(double rate) {
    return new TrainingPlan(curriculum, lookahead, batchSize, rate, course, maxNorm);
  }

  /** The same with another course of the learning rate. */
  public TrainingPlan withCourse(Course other) {
    return new TrainingPlan(curriculum, lookahead, batchSize, learningRate, other, maxNorm);
  }

  /** The same with another limit to the gradient. */
  public TrainingPlan withMaxNorm(double norm) {
    return new TrainingPlan(curriculum, lookahead, batchSize, learningRate, course, norm);
  }

  /**
   * The learning rate at every step.
   *
   * @param windows in an epoch
   */
  Schedule schedule(int windows) {
    long steps = (long) Math.ceilDiv(windows, batchSize) * curriculum.epochs();
    return switch (course) {
      case CONSTANT -> Schedule.constant(learningRate);
      case COSINE ->
          new CosineDecay(
              learningRate, Math.min(WARM_UP_STEPS, steps / 10), steps, FLOOR * learningRate);
    };
  }

  JsonObject toJson() {
    var json =
        JsonObject.builder()
            .put("curriculum", curriculum.toString())
            .put("lookahead", lookahead.optionName())
            .put("batch", batchSize)
            .put("learning_rate", learningRate)
            .put("course", course.optionName());
    return maxNorm == UNLIMITED ? json.build() : json.put("max_norm", maxNorm).build();
  }

  static TrainingPlan of(JsonObject json) {
    return new TrainingPlan(
        Curriculum.parse(json.string("curriculum")),
        Lookahead.named(json.string("lookahead")),
        json.integer("batch"),
        json.number("learning_rate"),
        Course.named(json.string("course")),
        json.has("max_norm") ? json.number("max_norm") : UNLIMITED);
  }
}
