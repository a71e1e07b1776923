package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.CpuStorage.floats;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Storage;
import org.jspecify.annotations.Nullable;

/** The convolution behind WaveNet's gate, which is applied while a tile of sums is in the cache. */
final class GatedConvolution {
  private final Team team;
  private final Convolution convolution;
  private final Kernels kernels;

  GatedConvolution(Team team, Convolution convolution, Kernels kernels) {
    this.team = team;
    this.convolution = convolution;
    this.kernels = kernels;
  }

  void forward(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      Storage gates,
      Storage y) {
    var kept = floats(gates);
    var output = floats(y);
    var k = kernels.elements();
    int n = shape.outChannels() / 2;
    convolution.sums(
        shape,
        x,
        weight,
        new Convolution.Start(CpuStorage.floatsOrNull(bias), null),
        (row, rows, tile, offset, stride) -> {
          for (int r = 0; r < rows; r++) {
            int from = offset + r * stride;
            int filter = kept.offset + (row + r) * 2 * n;
            int gate = filter + n;
            k.tanh(n, tile, from, kept.array, filter);
            k.sigmoid(n, tile, from + n, kept.array, gate);
            int to = output.offset + (row + r) * n;
            k.multiply(n, kept.array, filter, kept.array, gate, output.array, to);
          }
        });
  }

  void backward(ConvShape shape, Storage gates, Storage dy, Storage dPre) {
    var kept = floats(gates);
    var given = floats(dy);
    var wanted = floats(dPre);
    var k = kernels.elements();
    int n = shape.outChannels() / 2;
    int rows = shape.batch() * shape.time();
    int tile = Math.max(1, Elementwise.CHUNK / (2 * n));
    team.run(
        (rows + tile - 1) / tile,
        task -> {
          for (int row = task * tile; row < Math.min(rows, (task + 1) * tile); row++) {
            int d = given.offset + row * n;
            int filter = kept.offset + row * 2 * n;
            int gate = filter + n;
            int dFilter = wanted.offset + row * 2 * n;
            int dGate = dFilter + n;
            k.multiply(n, given.array, d, kept.array, gate, wanted.array, dFilter);
            k.tanhBackward(n, kept.array, filter, wanted.array, dFilter, wanted.array, dFilter);
            k.multiply(n, given.array, d, kept.array, filter, wanted.array, dGate);
            k.sigmoidBackward(n, kept.array, gate, wanted.array, dGate, wanted.array, dGate);
          }
        });
  }
}
