package dev.impromptu.music.model;

import dev.impromptu.train.RecordableObjective;

/** What {@link Lookahead} gives: to foretell the tokens behind a window's context. */
public sealed interface LookaheadObjective extends RecordableObjective<WindowBatch>
    permits FedBack, TeacherForcing {
  /** What is judged. */
  SequenceModel model();

  /** How many tokens behind the context are foretold. */
  int stepsAhead();
}
