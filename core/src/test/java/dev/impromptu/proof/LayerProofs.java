package dev.impromptu.proof;

import static dev.impromptu.proof.ForwardProof.layer;
import static dev.impromptu.proof.ForwardProof.output;

import dev.impromptu.functional.Gru;
import dev.impromptu.functional.Lstm;
import dev.impromptu.functional.Mode;
import dev.impromptu.nn.BiLSTM;
import dev.impromptu.nn.CausalConv1d;
import dev.impromptu.nn.Conv1d;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.GRU;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.LSTMCell;
import dev.impromptu.nn.LayerNorm;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.WeightNormConv1d;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.Tolerance.Kind;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;

/** Every layer that PyTorch has too. Its half of each is {@code TorchLayers}. */
final class LayerProofs {
  /** Of the padded sequences. */
  private static final int[] LENGTHS = {3, 6, 1, 3};

  private LayerProofs() {}

  static List<Proof> all() {
    return List.of(
        layer(
                "linear",
                Kind.PRODUCTS,
                24,
                device -> new Linear(device, 7, 5, random()),
                (linear, in) -> output("y", linear.forward(in.get("x"))))
            .with("x", -1, 1, 4, 6, 7),
        layer(
                "embedding",
                Kind.PRODUCTS,
                15,
                device -> new Embedding(device, 9, 4, random()),
                (embedding, in) -> output("y", embedding.forward(in.get("ids"))))
            .withIds("ids", 9, 3, 5),
        layer(
                "layer_norm",
                Kind.NORMALISED,
                33,
                device -> new LayerNorm(device, 33),
                (norm, in) -> output("y", norm.forward(in.get("x"))))
            .with("x", -1, 3, 2, 4, 33),
        // So even that the guard against division by zero weighs as much as the variance.
        layer(
                "layer_norm_of_even_rows",
                Kind.NORMALISED,
                8,
                device -> new LayerNorm(device, 8),
                (norm, in) -> output("y", norm.forward(in.get("x").times(3e-3))))
            .with("x", -1, 1, 3, 8),
        layer("conv1d", Kind.PRODUCTS, 36, device -> new Conv1d(device, 3, 5, 3, random()), conv())
            .with("x", -1, 1, 2, 9, 3),
        layer(
                "conv1d_stride_padding_dilation",
                Kind.PRODUCTS,
                36,
                device -> new Conv1d(device, 3, 5, 3, 2, 4, 3, random()),
                conv())
            .with("x", -1, 1, 2, 12, 3),
        layer(
                "causal_conv1d",
                Kind.PRODUCTS,
                36,
                device -> new CausalConv1d(device, 3, 8, 2, 1, random()),
                (conv, in) -> output("y", conv.forward(in.get("x"))))
            .with("x", -1, 1, 2, 9, 3),
        layer(
                "causal_conv1d_dilated",
                Kind.PRODUCTS,
                48,
                device -> new CausalConv1d(device, 7, 3, 3, 4, random()),
                (conv, in) -> output("y", conv.forward(in.get("x"))))
            .with("x", -1, 1, 2, 17, 7),
        layer(
                "weight_norm_conv1d",
                Kind.PRODUCTS,
                48,
                device -> new WeightNormConv1d(device, 4, 5, 3, 2, random()),
                (conv, in) -> output("y", conv.forward(in.get("x"))))
            .with("x", -1, 1, 2, 11, 4),
        recurrent(
                "lstm",
                device -> new LSTM(device, 5, 7, 1, random()),
                (lstm, in) -> outputs(lstm.forward(in.get("x"))))
            .with("x", -1, 1, 3, 6, 5),
        recurrent(
                "lstm_3_layers_from_a_state",
                device -> new LSTM(device, 5, 9, 3, random()),
                (lstm, in) -> outputs(lstm.forward(in.get("x"), state(in::get))))
            .with("x", -1, 1, 2, 6, 5)
            .with("h", -0.9, 0.9, 3, 2, 9)
            .with("c", -1.5, 1.5, 3, 2, 9),
        recurrent(
                "lstm_of_lengths",
                device -> new LSTM(device, 5, 7, 2, random()),
                (lstm, in) -> outputs(lstm.forward(in.get("x"), LENGTHS)))
            .with("x", -1, 1, 4, 6, 5),
        recurrent(
                "lstm_bidirectional",
                device -> new BiLSTM(device, 5, 7, 2, random()),
                (lstm, in) -> outputs(lstm.forward(in.get("x"))))
            .with("x", -1, 1, 3, 6, 5),
        recurrent(
                "lstm_bidirectional_of_lengths",
                device -> new BiLSTM(device, 5, 7, 2, random()),
                (lstm, in) -> outputs(lstm.forward(in.get("x"), LENGTHS)))
            .with("x", -1, 1, 4, 6, 5),
        recurrent(
                "lstm_cell",
                device -> new LSTMCell(device, 5, 7, random()),
                (cell, in) -> outputs(cell.forward(in.get("x"), state(in::get))))
            .with("x", -1, 1, 3, 5)
            .with("h", -0.9, 0.9, 3, 7)
            .with("c", -1.5, 1.5, 3, 7),
        recurrent(
                "gru",
                device -> new GRU(device, 5, 7, 1, random()),
                (gru, in) -> outputs(gru.forward(in.get("x"))))
            .with("x", -1, 1, 3, 6, 5),
        recurrent(
                "gru_2_layers_from_a_state",
                device -> new GRU(device, 5, 9, 2, random()),
                (gru, in) -> outputs(gru.forward(in.get("x"), in.get("h"))))
            .with("x", -1, 1, 2, 6, 5)
            .with("h", -0.9, 0.9, 2, 2, 9),
        recurrent(
                "model",
                Model::new,
                (model, in) -> output("y", model.forward(in.get("ids"), Mode.EVALUATION)))
            .withIds("ids", 11, 2, 8));
  }

  private static <M extends Module> ForwardProof<M> recurrent(
      String name, Function<Device, M> model, ForwardProof.Forward<M> forward) {
    return layer(name, Kind.RECURRENT, 6 * (9 + 9), model, forward);
  }

  private static ForwardProof.Forward<Conv1d> conv() {
    return (conv, in) -> output("y", conv.forward(in.get("x")));
  }

  private static PhiloxRandom random() {
    return new PhiloxRandom(1);
  }

  private static Lstm.State state(Function<String, Tensor> in) {
    return new Lstm.State(in.apply("h"), in.apply("c"));
  }

  private static SequencedMap<String, Tensor> outputs(Lstm.Output output) {
    SequencedMap<String, Tensor> outputs = outputs(output.state());
    outputs.put("y", output.y());
    return outputs;
  }

  private static SequencedMap<String, Tensor> outputs(Lstm.State state) {
    SequencedMap<String, Tensor> outputs = output("h", state.hidden());
    outputs.put("c", state.cell());
    return outputs;
  }

  private static SequencedMap<String, Tensor> outputs(Gru.Output output) {
    SequencedMap<String, Tensor> outputs = output("y", output.y());
    outputs.put("h", output.hidden());
    return outputs;
  }
}
