package dev.impromptu.cuda;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.StepValues;
import dev.impromptu.cuda.driver.DeviceMemory;
import dev.impromptu.cuda.driver.DriverContext;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What changes from step to step, in device memory, so that a recorded step stays right when it is
 * replayed: the low and high half of the random step, then the optimizer's rate, correction and
 * learning rate.
 *
 * <p>It is uploaded only when a value changes, in the order of the stream: kernels launched before
 * still see the old values. Used under the context's monitor.
 */
final class StepBlock {
  private static final int WORDS = 5;

  private final DriverContext context;
  private final DeviceMemory memory;
  private final int[] words = new int[WORDS];
  private @Nullable StepValues recording;

  StepBlock(DriverContext context) {
    this.context = context;
    memory = context.allocate(WORDS * Integer.BYTES);
    upload(words);
  }

  CudaStorage storage() {
    return new CudaStorage(memory.span(), DType.FLOAT32, WORDS);
  }

  /** Before a kernel that draws random numbers for this step. */
  void randomStep(long step) {
    StepValues first = recording;
    if (first == null) {
      int[] next = words.clone();
      putRandomStep(next, step);
      change(next);
    } else if (first.randomStep() != step) {
      throw new IllegalStateException(
          "record: the work draws random numbers of step %d, but was announced with step %d"
              .formatted(step, first.randomStep()));
    }
  }

  /** Before the kernel of an optimizer's step. */
  void optimizerStep(OptimizerStep step) {
    StepValues first = recording;
    if (first == null) {
      int[] next = words.clone();
      putOptimizerStep(next, step);
      change(next);
    } else if (!Arrays.equals(optimizerWords(first.optimizerStep()), optimizerWords(step))) {
      throw new IllegalStateException(
          "record: the work takes optimizer step %d at rate %s, but was announced with step %d at rate %s"
              .formatted(
                  step.step(),
                  step.learningRate(),
                  first.optimizerStep().step(),
                  first.optimizerStep().learningRate()));
    }
  }

  /** From now on nothing is uploaded; the work must name these values. */
  void startRecording(StepValues first) {
    recording = first;
  }

  void endRecording() {
    recording = null;
  }

  /** Before a replay. */
  void set(StepValues values) {
    int[] next = words.clone();
    putRandomStep(next, values.randomStep());
    putOptimizerStep(next, values.optimizerStep());
    change(next);
  }

  private static void putRandomStep(int[] words, long step) {
    words[0] = (int) step;
    words[1] = (int) (step >>> Integer.SIZE);
  }

  private static void putOptimizerStep(int[] words, OptimizerStep step) {
    int[] own = optimizerWords(step);
    System.arraycopy(own, 0, words, WORDS - own.length, own.length);
  }

  private static int[] optimizerWords(OptimizerStep step) {
    return new int[] {
      Float.floatToRawIntBits((float) step.rate()),
      Float.floatToRawIntBits((float) step.correction()),
      Float.floatToRawIntBits((float) step.learningRate())
    };
  }

  private void change(int[] next) {
    if (!Arrays.equals(next, words)) {
      // Only what did reach the stream may be taken for known.
      upload(next);
      System.arraycopy(next, 0, words, 0, WORDS);
    }
  }

  private void upload(int[] next) {
    context.upload(
        memory.span(), (staging, from, count) -> staging.asIntBuffer().put(0, next, from, count));
  }
}
