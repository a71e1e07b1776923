package dev.impromptu.benchmarks.compare;

import dev.impromptu.io.JsonObject;

/**
 * One run of {@code bench --peers}: rows of one share a state of the machine.
 *
 * @param began date and time, as ISO 8601 writes them, in UTC
 * @param commit of the project
 * @param peak the most that any library did in its plain product, in operations a second
 */
record Session(String began, String commit, double peak) {
  String date() {
    return began.substring(0, "2026-01-31".length());
  }

  JsonObject json() {
    return JsonObject.builder()
        .put("began", began)
        .put("commit", commit)
        .put("peakGflops", peak * 1e-9)
        .build();
  }

  static Session of(JsonObject json) {
    return new Session(
        json.string("began"), json.string("commit"), json.number("peakGflops") * 1e9);
  }
}
