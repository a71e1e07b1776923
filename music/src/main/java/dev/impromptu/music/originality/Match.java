package dev.impromptu.music.originality;

/**
 * The longest run, at the end of what was played so far, that stands in the pieces.
 *
 * @param state of the automaton
 * @param intervals in the run
 */
record Match(int state, int intervals) {
  static final Match NOTHING = new Match(IntervalAutomaton.START, 0);

  /** The run after one more interval. */
  Match then(int interval, IntervalAutomaton automaton) {
    int from = state;
    int kept = intervals;
    while (automaton.next(from, interval) < 0) {
      from = automaton.shorter(from);
      if (from < 0) {
        return NOTHING;
      }
      kept = automaton.length(from);
    }
    return new Match(automaton.next(from, interval), kept + 1);
  }

  /** Notes in the run. */
  int notes() {
    return intervals + 1;
  }
}
