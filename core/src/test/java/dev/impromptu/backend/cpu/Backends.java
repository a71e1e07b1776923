package dev.impromptu.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The processor in its several shapes, each compared with the reference backend. */
final class Backends {
  static final Backend REFERENCE = new ReferenceBackend();

  /** Kernels of each kind, with and without OpenBLAS, alone and in a team. */
  static final List<CpuBackend> ALL =
      List.of(backend(1, true, "none"), backend(2, false, "none"), backend(3, true, ""));

  /** What stands before an output and behind it, and how much of it. */
  private static final double MARGIN = 0.25;

  private static final int BEFORE = 3;
  private static final int BEHIND = 4;

  private Backends() {}

  /**
   * With vector kernels from the first call on, which the backend itself avoids for their slow
   * start.
   */
  static CpuBackend backend(int threads, boolean vector, String openBlas) {
    var kernels =
        vector
            ? new Kernels(
                new VectorProduct(), new VectorElements(), new VectorNorms(), Kernels.State.VECTOR)
            : Kernels.scalar();
    return new CpuBackend(new CpuOptions(threads, vector, openBlas), kernels);
  }

  /** What to do with the storages of one backend. */
  @FunctionalInterface
  interface Program {
    void run(Backend backend, Storage[] in, Storage[] out);
  }

  /**
   * Runs a program on the reference and on every shape of the processor and compares all outputs.
   */
  static void agree(String what, double tolerance, Object[] in, int[] out, Program program) {
    var expected = run(REFERENCE, in, out, program);
    for (var backend : ALL) {
      var actual = run(backend, in, out, program);
      for (int i = 0; i < out.length; i++) {
        compare(
            what + ", output " + i + " on " + backend.description(),
            tolerance,
            expected[i],
            actual[i]);
      }
    }
  }

  static double[][] run(Backend backend, Object[] in, int[] out, Program program) {
    var inputs = new Storage[in.length];
    for (int i = 0; i < in.length; i++) {
      inputs[i] = store(backend, in[i]);
    }
    var outputs = new Storage[out.length];
    var wholes = new Storage[out.length];
    for (int i = 0; i < out.length; i++) {
      // Stands in the middle of other memory, to catch forgotten offsets and writes outside.
      wholes[i] = backend.allocate(DType.FLOAT32, BEFORE + out[i] + BEHIND);
      backend.fill(wholes[i], MARGIN);
      outputs[i] = wholes[i].slice(BEFORE, out[i]);
    }
    program.run(backend, inputs, outputs);
    var results = new double[out.length][];
    for (int i = 0; i < out.length; i++) {
      var values = new double[wholes[i].length()];
      backend.read(wholes[i], values);
      for (int j = 0; j < values.length; j++) {
        if ((j < BEFORE || j >= BEFORE + out[i]) && values[j] != MARGIN) {
          fail(
              "output %d of %d elements: %s was written at %d on %s"
                  .formatted(i, out[i], values[j], j - BEFORE, backend.description()));
        }
      }
      results[i] = Arrays.copyOfRange(values, BEFORE, BEFORE + out[i]);
    }
    return results;
  }

  static Storage store(Backend backend, Object values) {
    if (values instanceof int[] ids) {
      var storage = backend.allocate(DType.INT32, ids.length + 5).slice(2, ids.length);
      backend.write(ids, storage);
      return storage;
    }
    var floats = (float[]) values;
    var storage = backend.allocate(DType.FLOAT32, floats.length + 5).slice(2, floats.length);
    backend.write(floats, storage);
    return storage;
  }

  static void compare(String what, double tolerance, double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length, what);
    int worst = -1;
    double worstError = tolerance;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
      if (expected[i] != actual[i] && !(error <= worstError)) {
        worst = i;
        worstError = error;
      }
    }
    if (worst >= 0) {
      fail(
          what
              + ": worst at element "
              + worst
              + ", expected "
              + expected[worst]
              + " but got "
              + actual[worst]
              + ", tolerance "
              + tolerance);
    }
  }

  static float[] random(int length, long seed) {
    var random = new Random(seed);
    var values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }
}
