package dev.impromptu.train;

/**
 * Sums over the examples seen so far.
 *
 * @param lossSum of the examples' losses
 * @param examples seen
 * @param correct predictions that were right
 * @param total predictions that were made
 */
public record Metrics(double lossSum, long examples, long correct, long total) {
  /** Nothing seen yet. */
  public static final Metrics NONE = new Metrics(0, 0, 0, 0);

  /** With one more batch. */
  public Metrics plus(double meanLoss, int batchExamples, int batchCorrect, int batchTotal) {
    return new Metrics(
        lossSum + meanLoss * batchExamples,
        examples + batchExamples,
        correct + batchCorrect,
        total + batchTotal);
  }

  /** Mean loss of an example; NaN before the first. */
  public double loss() {
    return lossSum / examples;
  }

  /** What the loss means where it is a cross entropy: as unsure as between so many choices. */
  public double perplexity() {
    return Math.exp(loss());
  }

  /** Right predictions in percent; NaN before the first. */
  public double accuracy() {
    return 100.0 * correct / total;
  }
}
