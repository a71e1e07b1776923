package dev.impromptu.backend;

/**
 * The sizes of a causal dilated convolution over a batch of sequences, stride 1.
 *
 * @param batch sequences computed together
 * @param time steps
 * @param inChannels features of the input
 * @param outChannels features of the output
 * @param kernel taps, at least 1
 * @param dilation steps from one tap to the next, at least 1
 */
public record ConvShape(
    int batch, int time, int inChannels, int outChannels, int kernel, int dilation) {
  /**
   * Checks that the steps of a sequence and those before it can be counted.
   *
   * @throws IllegalArgumentException when they are 2^31 or more
   */
  public ConvShape {
    long history = (long) (kernel - 1) * dilation;
    if (history + time > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "convolution: %d taps of dilation %d look back %d steps, and with the %d of the sequence that is more than %d; take fewer taps or a smaller dilation"
              .formatted(kernel, dilation, history, time, Integer.MAX_VALUE));
    }
  }

  /** How many steps back the first tap looks. */
  public int history() {
    return (kernel - 1) * dilation;
  }

  /** How many steps back {@code tap} looks; the last tap looks at the step itself. */
  public int lag(int tap) {
    return (kernel - 1 - tap) * dilation;
  }
}
