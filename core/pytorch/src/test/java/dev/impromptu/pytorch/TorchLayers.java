package dev.impromptu.pytorch;

import static dev.impromptu.pytorch.ForwardPeer.outputs;

import java.util.HashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Conv1dImpl;
import org.bytedeco.pytorch.Conv1dOptions;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.GRUOptions;
import org.bytedeco.pytorch.LSTMCellImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LayerNormOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorT_TensorTensor_T_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** PyTorch's layers. */
final class TorchLayers {
  private static final long[] LENGTHS = {3, 6, 1, 3};

  private final Map<String, Peer> peers = new HashMap<>();

  private TorchLayers() {}

  static Map<String, Peer> all() {
    var layers = new TorchLayers();
    layers.plain();
    layers.convolutions();
    layers.recurrent();
    layers.add("model", TorchModel::new, (model, in) -> outputs("y", model.forward(in.get("ids"))));
    return layers.peers;
  }

  private <T extends Module> void add(
      String name, Supplier<T> model, ForwardPeer.Forward<T> forward) {
    peers.put(name, new ForwardPeer<>(model, forward));
  }

  private void plain() {
    add(
        "linear",
        () -> new LinearImpl(7, 5),
        (linear, in) -> outputs("y", linear.forward(in.get("x"))));
    add(
        "embedding",
        () -> new EmbeddingImpl(9, 4),
        (embedding, in) -> outputs("y", embedding.forward(in.get("ids"))));
    add("layer_norm", () -> norm(33), (norm, in) -> outputs("y", norm.forward(in.get("x"))));
    add(
        "layer_norm_of_even_rows",
        () -> norm(8),
        (norm, in) -> outputs("y", norm.forward(in.get("x").mul(new Scalar(3e-3)))));
  }

  static LayerNormImpl norm(long width) {
    return new LayerNormImpl(new LayerNormOptions(new LongVector(new long[] {width})));
  }

  /** With PyTorch's defaults. */
  static Conv1dImpl conv(long in, long out, long kernel) {
    return new Conv1dImpl(new Conv1dOptions(in, out, new LongPointer(new long[] {kernel})));
  }

  static Conv1dImpl conv(long in, long out, long kernel, long stride, long padding, long dilation) {
    var options = new Conv1dOptions(in, out, new LongPointer(new long[] {kernel}));
    options.stride().put(stride);
    options.padding().put(new LongPointer(new long[] {padding}));
    options.dilation().put(dilation);
    return new Conv1dImpl(options);
  }

  /** PyTorch's channels stand before the time. */
  static Tensor convolved(Function<Tensor, Tensor> conv, Tensor x) {
    return conv.apply(x.transpose(1, 2)).transpose(1, 2);
  }

  /** With that many zeros in front of the time. */
  static Tensor causal(Conv1dImpl conv, Tensor x, long zeros) {
    return convolved(padded -> conv.forward(withZerosInFront(padded, zeros)), x);
  }

  private static Tensor withZerosInFront(Tensor x, long steps) {
    return torch.constant_pad_nd(x, steps, 0);
  }

  private void convolutions() {
    add(
        "conv1d",
        () -> conv(3, 5, 3),
        (conv, in) -> outputs("y", convolved(conv::forward, in.get("x"))));
    add(
        "conv1d_stride_padding_dilation",
        () -> conv(3, 5, 3, 2, 4, 3),
        (conv, in) -> outputs("y", convolved(conv::forward, in.get("x"))));
    add(
        "causal_conv1d",
        () -> conv(3, 8, 2),
        (conv, in) -> outputs("y", causal(conv, in.get("x"), 1)));
    add(
        "causal_conv1d_dilated",
        () -> conv(7, 3, 3, 1, 0, 4),
        (conv, in) -> outputs("y", causal(conv, in.get("x"), 8)));
    add(
        "weight_norm_conv1d",
        TorchLayers::weightNormConv,
        (conv, in) ->
            outputs(
                "y", convolved(x -> weightNormConv(conv, withZerosInFront(x, 4)), in.get("x"))));
  }

  /** The C++ library has no weight_norm; the names are those of the one in Python. */
  private static Module weightNormConv() {
    var module = new Module("WeightNormConv1d");
    module.register_parameter("bias", torch.zeros(5));
    module.register_parameter("weight_g", torch.zeros(5, 1, 1));
    module.register_parameter("weight_v", torch.zeros(5, 4, 3));
    return module;
  }

  private static Tensor weightNormConv(Module module, Tensor x) {
    Map<String, Tensor> parameters = Torch.parameters(module);
    Tensor weight = weightNorm(parameters.get("weight_v"), parameters.get("weight_g"));
    var bias = new TensorOptional(parameters.get("bias"));
    return torch.conv1d(x, weight, bias, new long[] {1}, new long[] {0}, new long[] {2}, 1);
  }

  /** As ATen's own {@code _weight_norm}, which has no Java name, composes it. */
  static Tensor weightNorm(Tensor v, Tensor g) {
    return v.mul(g.div(torch.norm_except_dim(v, 2, 0)));
  }

  private void recurrent() {
    add(
        "lstm",
        () -> new LSTMImpl(lstm(5, 7, 1, false)),
        (lstm, in) -> outputs3(lstm.forward(in.get("x"))));
    add(
        "lstm_3_layers_from_a_state",
        () -> new LSTMImpl(lstm(5, 9, 3, false)),
        (lstm, in) -> outputs3(lstm.forward(in.get("x"), state(in))));
    add(
        "lstm_of_lengths",
        () -> new LSTMImpl(lstm(5, 7, 2, false)),
        (lstm, in) -> ofLengths(lstm, in.get("x")));
    add(
        "lstm_bidirectional",
        () -> new LSTMImpl(lstm(5, 7, 2, true)),
        (lstm, in) -> outputs3(lstm.forward(in.get("x"))));
    add(
        "lstm_bidirectional_of_lengths",
        () -> new LSTMImpl(lstm(5, 7, 2, true)),
        (lstm, in) -> ofLengths(lstm, in.get("x")));
    add(
        "lstm_cell",
        () -> new LSTMCellImpl(5, 7),
        (cell, in) -> states(cell.forward(in.get("x"), state(in))));
    add("gru", () -> new GRUImpl(gru(5, 7, 1)), (gru, in) -> outputs2(gru.forward(in.get("x"))));
    add(
        "gru_2_layers_from_a_state",
        () -> new GRUImpl(gru(5, 9, 2)),
        (gru, in) -> outputs2(gru.forward(in.get("x"), in.get("h"))));
  }

  static LSTMOptions lstm(long in, long hidden, long layers, boolean bidirectional) {
    var options = new LSTMOptions(in, hidden);
    options.num_layers().put(layers);
    options.batch_first().put(true);
    options.bidirectional().put(bidirectional);
    return options;
  }

  static GRUOptions gru(long in, long hidden, long layers) {
    var options = new GRUOptions(in, hidden);
    options.num_layers().put(layers);
    options.batch_first().put(true);
    return options;
  }

  private static T_TensorTensor_T state(Map<String, Tensor> in) {
    return new T_TensorTensor_T(in.get("h"), in.get("c"));
  }

  private static SequencedMap<String, Tensor> ofLengths(LSTMImpl lstm, Tensor x) {
    var packed = torch.pack_padded_sequence(x, torch.tensor(LENGTHS), true, false);
    var output = lstm.forward_with_packed_input(packed);
    Tensor y = torch.pad_packed_sequence(output.get0(), true, 0, new LongOptional()).get0();
    SequencedMap<String, Tensor> outputs = states(output.get1());
    outputs.put("y", y);
    return outputs;
  }

  private static SequencedMap<String, Tensor> outputs3(T_TensorT_TensorTensor_T_T output) {
    SequencedMap<String, Tensor> outputs = states(output.get1());
    outputs.put("y", output.get0());
    return outputs;
  }

  private static SequencedMap<String, Tensor> states(T_TensorTensor_T state) {
    SequencedMap<String, Tensor> outputs = outputs("h", state.get0());
    outputs.put("c", state.get1());
    return outputs;
  }

  private static SequencedMap<String, Tensor> outputs2(T_TensorTensor_T output) {
    SequencedMap<String, Tensor> outputs = outputs("y", output.get0());
    outputs.put("h", output.get1());
    return outputs;
  }
}
