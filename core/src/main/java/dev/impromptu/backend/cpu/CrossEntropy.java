package dev.impromptu.backend.cpu;

/** Softmax and negative log likelihood of rows, shared out to the team. */
final class CrossEntropy {
  private final Team team;
  private final Kernels kernels;

  CrossEntropy(Team team, Kernels kernels) {
    this.team = team;
    this.kernels = kernels;
  }

  void forward(
      int classes,
      CpuStorage.Floats logits,
      CpuStorage.Ints targets,
      CpuStorage.Floats probabilities,
      CpuStorage.Floats losses) {
    check(classes, targets);
    var k = kernels.elements();
    rows(
        classes,
        targets.length,
        row -> {
          int x = logits.offset + row * classes;
          int p = probabilities.offset + row * classes;
          // Read before the probabilities may overwrite the logits.
          float target = logits.array[x + targets.array[targets.offset + row]];
          float max = Reductions.max(classes, logits.array, x);
          k.exp(classes, max, logits.array, x, probabilities.array, p);
          float sum = Reductions.sum(classes, probabilities.array, p);
          k.affine(classes, 1f / sum, 0f, probabilities.array, p, probabilities.array, p);
          losses.array[losses.offset + row] = (float) (Math.log(sum) - ((double) target - max));
        });
  }

  void backward(
      int classes,
      CpuStorage.Floats probabilities,
      CpuStorage.Ints targets,
      CpuStorage.Floats dLosses,
      CpuStorage.Floats dLogits) {
    check(classes, targets);
    var k = kernels.elements();
    rows(
        classes,
        targets.length,
        row -> {
          int to = dLogits.offset + row * classes;
          float d = dLosses.array[dLosses.offset + row];
          int p = probabilities.offset + row * classes;
          int target = targets.array[targets.offset + row];
          float right = probabilities.array[p + target];
          k.affine(classes, d, 0f, probabilities.array, p, dLogits.array, to);
          dLogits.array[to + target] = d * (right - 1f);
        });
  }

  private void rows(int classes, int rows, Team.Task each) {
    int group = Math.max(1, Elementwise.CHUNK / Math.max(1, classes));
    team.run(
        (rows + group - 1) / group,
        task -> {
          for (int row = task * group; row < Math.min(rows, (task + 1) * group); row++) {
            each.run(row);
          }
        });
  }

  private static void check(int classes, CpuStorage.Ints targets) {
    for (int i = 0; i < targets.length; i++) {
      int target = targets.array[targets.offset + i];
      if (target < 0 || target >= classes) {
        throw new IndexOutOfBoundsException(
            "crossEntropy: target "
                + target
                + " of row "
                + i
                + " is none of "
                + classes
                + " classes");
      }
    }
  }
}
