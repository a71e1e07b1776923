package dev.impromptu.proof;

import dev.impromptu.functional.ConvRing;
import dev.impromptu.functional.Lstm;
import dev.impromptu.io.HostArray;
import dev.impromptu.nn.CausalConv1d;
import dev.impromptu.nn.LSTM;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.Tolerance;
import dev.impromptu.testkit.Tolerance.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Step by step comes out what PyTorch computed for the whole sequence. */
class StreamingTest {
  static Stream<Device> devices() {
    return Stream.of(Device.reference(), Device.cpu());
  }

  @ParameterizedTest
  @MethodSource("devices")
  void ofAnLstm(Device device) throws IOException {
    Recorded golden = Proofs.golden().get("lstm_3_layers_from_a_state");
    var lstm = new LSTM(device, 5, 9, 3, new PhiloxRandom(1));
    ForwardProof.load(golden.parameters(), lstm);
    try (var _ = Scope.inference()) {
      Map<String, HostArray> in = golden.inputs();
      var state = new Lstm.State(in.get("h").on(device), in.get("c").on(device));
      Tensor x = in.get("x").on(device);
      List<Tensor> steps = new ArrayList<>();
      for (int t = 0; t < x.shape().size(1); t++) {
        state = lstm.step(x.select(1, t), state);
        steps.add(state.hidden().select(0, 2));
      }
      requireClose(device, steps, golden, Kind.RECURRENT, 6 * (9 + 9));
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void ofACausalConvolution(Device device) throws IOException {
    Recorded golden = Proofs.golden().get("causal_conv1d_dilated");
    var conv = new CausalConv1d(device, 7, 3, 3, 4, new PhiloxRandom(1));
    ForwardProof.load(golden.parameters(), conv);
    try (var _ = Scope.inference()) {
      Tensor x = golden.inputs().get("x").on(device);
      ConvRing ring = conv.ring(x.shape().size(0));
      List<Tensor> steps = new ArrayList<>();
      for (int t = 0; t < x.shape().size(1); t++) {
        steps.add(conv.step(x.select(1, t), ring));
      }
      requireClose(device, steps, golden, Kind.PRODUCTS, 3 * 7);
    }
  }

  private static void requireClose(
      Device device, List<Tensor> steps, Recorded golden, Kind kind, int terms) {
    Tolerance.requireClose(
        "y on " + device,
        Tensor.stack(1, steps.toArray(Tensor[]::new)).toDoubleArray(),
        Proof.doubles(golden.outputs().get("y")),
        Proof.allowed(device, kind, terms));
  }
}
