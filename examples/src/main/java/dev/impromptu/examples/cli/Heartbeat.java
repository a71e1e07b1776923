package dev.impromptu.examples.cli;

import java.time.Duration;

/** A line every few seconds, so that long work is seen to go on. */
final class Heartbeat {
  private static final long EVERY = Duration.ofSeconds(5).toNanos();

  private final Session session;
  private final String work;
  private final long total;
  private final String unit;
  private long last = System.nanoTime();

  Heartbeat(Session session, String work, long total, String unit) {
    this.session = session;
    this.work = work;
    this.total = total;
    this.unit = unit;
  }

  void done(long count) {
    if (System.nanoTime() - last >= EVERY) {
      session.note("%s: %d of %d %s".formatted(work, count, total, unit));
      last = System.nanoTime();
    }
  }
}
