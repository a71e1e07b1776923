// The recurrent calls of the stand-in cuDNN: a stack of LSTM layers over sequences of one length, in the eighth
// version's API. All algorithms compute the same here; PERSIST_DYNAMIC has to be built first, as in the library.
//
// The layout of the weights is the library's own affair, so this one is unlike any that a caller would guess: biases
// first, gates from last to first, gaps between.
//
// The reserve, for each layer: activated gates [time, batch, 4 hidden], cells and outputs [time, batch, hidden], then
// one word that says how far the step has come. What was called in the wrong order, or on sequence lengths that are
// not those of the descriptor, writes NaN.
#include "cudnn_double.h"

using namespace library_double;

namespace {

struct Dropout {
  bool set = false;
};

struct Rnn {
  bool set = false;
  int algorithm = 0, math = 0, inputs = 0, hidden = 0, layers = 0;
  unsigned flags = 0;
  int built_for = 0;
};

struct Sequence {
  int time = 0, batch = 0, size = 0;
  std::size_t elements() const { return static_cast<std::size_t>(time) * batch * size; }
};

constexpr std::size_t GAP = 8;
constexpr float FORWARD_DONE = 1.0f, DATA_DONE = 2.0f;
enum : int { PERSIST_DYNAMIC = 2, LSTM = 2, DOUBLE_BIAS = 2, BATCH_MAJOR_UNPACKED = 2, PADDED_IO = 1, TRAINING = 1 };

std::size_t inputs_of(const Rnn& rnn, std::size_t layer) {
  return static_cast<std::size_t>(layer == 0 ? rnn.inputs : rnn.hidden);
}

struct Places {
  std::size_t bias[8];
  std::size_t matrix[8];
  std::size_t end;
};

Places places(const Rnn& rnn, std::size_t layer) {
  std::size_t at = 0;
  Places found{};
  const auto hidden = static_cast<std::size_t>(rnn.hidden);
  for (std::size_t l = 0; l <= layer; l++) {
    for (int id = 7; id >= 0; id--) {
      found.bias[id] = at;
      at += hidden + GAP;
    }
    for (int id = 7; id >= 0; id--) {
      found.matrix[id] = at;
      at += hidden * (id < 4 ? inputs_of(rnn, l) : hidden) + GAP;
    }
  }
  found.end = at;
  return found;
}

std::size_t weight_elements(const Rnn& rnn) { return places(rnn, static_cast<std::size_t>(rnn.layers) - 1).end; }

// The sizes of one step of the stack, and where things stand in the reserve.
struct Step {
  Rnn rnn;
  std::size_t time, batch, hidden, layers;
  Factor kind;
  std::size_t layer_elements() const { return time * batch * hidden * 6; }
  std::size_t gates(std::size_t layer) const { return layer * layer_elements(); }
  std::size_t cells(std::size_t layer) const { return gates(layer) + time * batch * hidden * 4; }
  std::size_t outputs(std::size_t layer) const { return cells(layer) + time * batch * hidden; }
  std::size_t mark() const { return layers * layer_elements(); }
  std::size_t reserve_elements() const { return mark() + 1; }
  // The forward in inference works like the training one, in the workspace; a training step takes that, and its backward
  // two sequences, so that it needs more.
  std::size_t work_elements(bool training) const {
    return reserve_elements() + (training ? 2 * time * batch * std::max<std::size_t>(hidden, rnn.inputs) : 0);
  }
};

Step step_of(const Rnn& rnn, const Sequence& x) {
  auto of = [](int size) { return static_cast<std::size_t>(size); };
  return {rnn, of(x.time), of(x.batch), of(rnn.hidden), of(rnn.layers), factor_of(rnn.math)};
}

int check_stack(const Rnn* rnn, const Sequence* x) {
  if (!rnn->set) return fail(CUDNN_BAD_PARAM, "the RNN descriptor was not set");
  if (!(rnn->flags & PADDED_IO)) return fail(CUDNN_BAD_PARAM, "unpacked sequences need CUDNN_RNN_PADDED_IO_ENABLED");
  if (x->size != rnn->inputs) return fail(CUDNN_BAD_PARAM, "the input has another number of features than the layers");
  if (rnn->algorithm == PERSIST_DYNAMIC && rnn->built_for != x->batch)
    return fail(CUDNN_BAD_PARAM, "PERSIST_DYNAMIC was not built for this batch");
  return CUDNN_SUCCESS;
}

// A state is dense, [layers, batch, hidden].
int check_states(const Step& s, const Tensor* h, const Tensor* c) {
  auto of = [](std::size_t size) { return static_cast<int>(size); };
  const std::vector<int> sizes{of(s.layers), of(s.batch), of(s.hidden)}, strides{of(s.batch * s.hidden), of(s.hidden), 1};
  for (const Tensor* state : {h, c})
    if (state->sizes != sizes || state->strides != strides)
      return fail(CUDNN_BAD_PARAM, "a state's descriptor is not that of layers, batch and hidden size, dense");
  return CUDNN_SUCCESS;
}

bool lengths_right(const int* lengths, const Step& step) {
  return std::all_of(lengths, lengths + step.batch, [&](int length) { return length == static_cast<int>(step.time); });
}

void fill_nan(float* to, std::size_t count) {
  if (to != nullptr) std::fill(to, to + count, std::numeric_limits<float>::quiet_NaN());
}

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

// The input of a layer at [t, b, f]: the sequences of the caller are [batch, time, features], those between the layers
// [time, batch, features].
Matrix steps_of(const Step& s, const float* x, const float* reserve, std::size_t layer, std::size_t t) {
  const std::size_t inputs = inputs_of(s.rnn, layer);
  if (layer == 0) return {x + t * inputs, s.time * inputs, 1};
  return {reserve + s.outputs(layer - 1) + t * s.batch * s.hidden, s.hidden, 1};
}

void forward_layer(const Step& s, std::size_t layer, const float* weights, const float* x, const float* hx,
                   const float* cx, float* reserve) {
  const Places place = places(s.rnn, layer);
  const std::size_t inputs = inputs_of(s.rnn, layer), area = s.batch * s.hidden;
  const std::vector<float> zeros(area, 0.0f);
  const float* h = hx == nullptr ? zeros.data() : hx + layer * area;
  const float* c = cx == nullptr ? zeros.data() : cx + layer * area;
  for (std::size_t t = 0; t < s.time; t++) {
    float* gates = reserve + s.gates(layer) + t * area * 4;
    float* cells = reserve + s.cells(layer) + t * area;
    float* outputs = reserve + s.outputs(layer) + t * area;
    for (std::size_t gate = 0; gate < 4; gate++) {
      float* sums = gates + gate * s.hidden;
      for (std::size_t b = 0; b < s.batch; b++)
        for (std::size_t u = 0; u < s.hidden; u++)
          sums[b * s.hidden * 4 + u] = weights[place.bias[gate] + u] + weights[place.bias[4 + gate] + u];
      multiply(s.kind, s.batch, s.hidden, inputs, 1.0f, steps_of(s, x, reserve, layer, t),
               {weights + place.matrix[gate], 1, inputs}, 1.0f, sums, s.hidden * 4, 1);
      multiply(s.kind, s.batch, s.hidden, s.hidden, 1.0f, {h, s.hidden, 1},
               {weights + place.matrix[4 + gate], 1, s.hidden}, 1.0f, sums, s.hidden * 4, 1);
    }
    for (std::size_t b = 0; b < s.batch; b++)
      for (std::size_t u = 0; u < s.hidden; u++) {
        float* gate = gates + b * s.hidden * 4 + u;
        for (std::size_t g = 0; g < 4; g++)
          gate[g * s.hidden] = g == 2 ? std::tanh(gate[g * s.hidden]) : sigmoid(gate[g * s.hidden]);
        const std::size_t at = b * s.hidden + u;
        cells[at] = gate[s.hidden] * c[at] + gate[0] * gate[2 * s.hidden];
        outputs[at] = gate[3 * s.hidden] * std::tanh(cells[at]);
      }
    h = outputs;
    c = cells;
  }
}

// Turns activated gates into the gradients before activation, in the reserve. dy is [time, batch, hidden].
void backward_layer(const Step& s, std::size_t layer, const float* weights, const float* dy, const float* cx,
                    const float* dhy, const float* dcy, float* dhx, float* dcx, float* reserve) {
  const Places place = places(s.rnn, layer);
  const std::size_t area = s.batch * s.hidden;
  std::vector<float> dh(area, 0.0f), dc(area, 0.0f);
  if (dhy != nullptr) std::copy(dhy + layer * area, dhy + (layer + 1) * area, dh.begin());
  if (dcy != nullptr) std::copy(dcy + layer * area, dcy + (layer + 1) * area, dc.begin());
  for (std::size_t t = s.time; t-- > 0;) {
    float* gates = reserve + s.gates(layer) + t * area * 4;
    const float* cells = reserve + s.cells(layer) + t * area;
    for (std::size_t b = 0; b < s.batch; b++)
      for (std::size_t u = 0; u < s.hidden; u++) {
        float* gate = gates + b * s.hidden * 4 + u;
        const std::size_t at = b * s.hidden + u;
        const float i = gate[0], f = gate[s.hidden], g = gate[2 * s.hidden], o = gate[3 * s.hidden];
        const float squashed = std::tanh(cells[at]), d = dy[t * area + at] + dh[at];
        const float before = t > 0 ? cells[at - area] : cx == nullptr ? 0.0f : cx[layer * area + at];
        const float dcell = dc[at] + d * o * (1 - squashed * squashed);
        gate[0] = dcell * g * i * (1 - i);
        gate[s.hidden] = dcell * before * f * (1 - f);
        gate[2 * s.hidden] = dcell * i * (1 - g * g);
        gate[3 * s.hidden] = d * squashed * o * (1 - o);
        dc[at] = dcell * f;
      }
    for (std::size_t gate = 0; gate < 4; gate++)
      multiply(s.kind, s.batch, s.hidden, s.hidden, 1.0f, {gates + gate * s.hidden, s.hidden * 4, 1},
               {weights + place.matrix[4 + gate], s.hidden, 1}, gate == 0 ? 0.0f : 1.0f, dh.data(), s.hidden, 1);
  }
  if (dhx != nullptr) std::copy(dh.begin(), dh.end(), dhx + layer * area);
  if (dcx != nullptr) std::copy(dc.begin(), dc.end(), dcx + layer * area);
}

// What the products with the input owe it: [time, batch, inputs].
void backward_input(const Step& s, std::size_t layer, const float* weights, const float* reserve, float* dx) {
  const Places place = places(s.rnn, layer);
  const std::size_t inputs = inputs_of(s.rnn, layer);
  for (std::size_t gate = 0; gate < 4; gate++)
    multiply(s.kind, s.time * s.batch, inputs, s.hidden, 1.0f,
             {reserve + s.gates(layer) + gate * s.hidden, s.hidden * 4, 1}, {weights + place.matrix[gate], inputs, 1},
             gate == 0 ? 0.0f : 1.0f, dx, inputs, 1);
}

void backward_weights(const Step& s, std::size_t layer, const float* x, const float* hx, const float* reserve,
                      float* dweights) {
  const Places place = places(s.rnn, layer);
  const std::size_t inputs = inputs_of(s.rnn, layer), area = s.batch * s.hidden;
  const std::vector<float> zeros(area, 0.0f);
  for (std::size_t t = 0; t < s.time; t++) {
    const float* first = hx == nullptr ? zeros.data() : hx + layer * area;
    const float* h = t == 0 ? first : reserve + s.outputs(layer) + (t - 1) * area;
    const Matrix input = steps_of(s, x, reserve, layer, t);
    for (std::size_t gate = 0; gate < 4; gate++) {
      const float* d = reserve + s.gates(layer) + t * area * 4 + gate * s.hidden;
      multiply(s.kind, s.hidden, inputs, s.batch, 1.0f, {d, 1, s.hidden * 4}, input, 1.0f,
               dweights + place.matrix[gate], inputs, 1);
      multiply(s.kind, s.hidden, s.hidden, s.batch, 1.0f, {d, 1, s.hidden * 4}, {h, s.hidden, 1}, 1.0f,
               dweights + place.matrix[4 + gate], s.hidden, 1);
      for (std::size_t u = 0; u < s.hidden; u++) {
        float sum = 0;
        for (std::size_t b = 0; b < s.batch; b++) sum += d[b * s.hidden * 4 + u];
        dweights[place.bias[gate] + u] += sum;
        dweights[place.bias[4 + gate] + u] += sum;
      }
    }
  }
}

// From [batch, time, size] to [time, batch, size], or back.
void transpose(const float* from, float* to, std::size_t rows, std::size_t columns, std::size_t size) {
  for (std::size_t r = 0; r < rows; r++)
    for (std::size_t c = 0; c < columns; c++)
      std::copy_n(from + (r * columns + c) * size, size, to + (c * rows + r) * size);
}

// Whether y is what the forward wrote, which cuDNN reads and the stand-in has in the reserve.
bool output_right(const float* y, const Step& s, const float* reserve) {
  const float* top = reserve + s.outputs(s.layers - 1);
  for (std::size_t b = 0; b < s.batch; b++)
    for (std::size_t t = 0; t < s.time; t++) {
      const float* own = y + (b * s.time + t) * s.hidden;
      if (!std::equal(own, own + s.hidden, top + (t * s.batch + b) * s.hidden)) return false;
    }
  return true;
}

int check_spaces(const Step& s, std::size_t weight_bytes, std::size_t work_bytes, std::size_t reserve_bytes,
                 bool training) {
  if (weight_bytes != weight_elements(s.rnn) * 4) return fail(CUDNN_BAD_PARAM, "the weight space has another size");
  if (work_bytes < s.work_elements(training) * 4) return fail(CUDNN_BAD_PARAM, "the workspace is too small");
  if (training && reserve_bytes < s.reserve_elements() * 4) return fail(CUDNN_BAD_PARAM, "the reserve is too small");
  return CUDNN_SUCCESS;
}

}  // namespace

LIBRARY_API int cudnnCreateDropoutDescriptor(Dropout** dropout) {
  if (int status = asked_for("cudnnCreateDropoutDescriptor")) return status;
  make(dropout, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnDestroyDropoutDescriptor(Dropout* dropout) {
  if (int status = asked_for("cudnnDestroyDropoutDescriptor")) return status;
  destroy(dropout, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnSetDropoutDescriptor(Dropout* dropout, Handle*, float rate, void*, std::size_t, unsigned long long) {
  if (rate != 0.0f) return fail(CUDNN_NOT_SUPPORTED, "the double has no dropout");
  dropout->set = true;
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnCreateRNNDescriptor(Rnn** rnn) {
  if (int status = asked_for("cudnnCreateRNNDescriptor")) return status;
  make(rnn, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnDestroyRNNDescriptor(Rnn* rnn) {
  if (int status = asked_for("cudnnDestroyRNNDescriptor")) return status;
  destroy(rnn, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnSetRNNDescriptor_v8(Rnn* rnn, int algorithm, int cell, int bias, int direction, int input,
                                         int type, int precision, int math, int inputs, int hidden, int projection,
                                         int layers, Dropout* dropout, unsigned flags) {
  if (int status = asked_for("cudnnSetRNNDescriptor_v8")) return status;
  if (cell != LSTM || bias != DOUBLE_BIAS || direction != 0 || input != 0 || type != DATA_FLOAT ||
      precision != DATA_FLOAT || projection != hidden)
    return fail(CUDNN_NOT_SUPPORTED, "the double knows float32 LSTM layers of one direction with two biases only");
  if (algorithm < 0 || algorithm > 3 || inputs < 1 || hidden < 1 || layers < 1)
    return fail(CUDNN_BAD_PARAM, "there is no such algorithm, or a size is less than 1");
  if (dropout == nullptr || !dropout->set) return fail(CUDNN_BAD_PARAM, "the dropout descriptor was not set");
  *rnn = {true, algorithm, math, inputs, hidden, layers, flags, 0};
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnBuildRNNDynamic(Handle*, Rnn* rnn, int batch) {
  if (rnn->algorithm != PERSIST_DYNAMIC) return fail(CUDNN_BAD_PARAM, "only PERSIST_DYNAMIC is built");
  rnn->built_for = batch;
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnCreateRNNDataDescriptor(Sequence** sequence) {
  if (int status = asked_for("cudnnCreateRNNDataDescriptor")) return status;
  make(sequence, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnDestroyRNNDataDescriptor(Sequence* sequence) {
  if (int status = asked_for("cudnnDestroyRNNDataDescriptor")) return status;
  destroy(sequence, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnSetRNNDataDescriptor(Sequence* sequence, int type, int layout, int time, int batch, int size,
                                          const int* lengths, void*) {
  if (type != DATA_FLOAT || layout != BATCH_MAJOR_UNPACKED)
    return fail(CUDNN_NOT_SUPPORTED, "the double knows float32 sequences by batch, unpacked, only");
  if (time < 1 || batch < 1 || size < 1) return fail(CUDNN_BAD_PARAM, "a size is less than 1");
  for (int i = 0; i < batch; i++)
    if (lengths[i] != time) return fail(CUDNN_NOT_SUPPORTED, "the double knows sequences of one length only");
  *sequence = {time, batch, size};
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnGetRNNWeightSpaceSize(Handle*, Rnn* rnn, std::size_t* bytes) {
  if (!rnn->set) return fail(CUDNN_BAD_PARAM, "the RNN descriptor was not set");
  *bytes = weight_elements(*rnn) * 4;
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnGetRNNTempSpaceSizes(Handle*, Rnn* rnn, int mode, Sequence* x, std::size_t* work,
                                          std::size_t* reserve) {
  if (int status = asked_for("cudnnGetRNNTempSpaceSizes")) return status;
  if (int status = check_stack(rnn, x)) return status;
  const Step step = step_of(*rnn, *x);
  *work = step.work_elements(mode == TRAINING) * 4;
  // No whole number of elements: nobody may take it for one.
  *reserve = mode == TRAINING ? step.reserve_elements() * 4 + 2 : 0;
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnGetRNNWeightParams(Handle*, Rnn* rnn, int layer, std::size_t bytes, float* weights, int id,
                                        Tensor* matrix, float** matrix_address, Tensor* bias, float** bias_address) {
  if (layer < 0 || layer >= rnn->layers || id < 0 || id > 7 || bytes != weight_elements(*rnn) * 4)
    return fail(CUDNN_BAD_PARAM, "there is no such layer or gate, or the weight space has another size");
  const Places place = places(*rnn, static_cast<std::size_t>(layer));
  const int columns = id < 4 ? static_cast<int>(inputs_of(*rnn, static_cast<std::size_t>(layer))) : rnn->hidden;
  *matrix = {DATA_FLOAT, {1, rnn->hidden, columns}, {rnn->hidden * columns, columns, 1}};
  *bias = {DATA_FLOAT, {1, rnn->hidden, 1}, {rnn->hidden, 1, 1}};
  *matrix_address = weights + place.matrix[id];
  *bias_address = weights + place.bias[id];
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnRNNForward(Handle* handle, Rnn* rnn, int mode, const int* lengths, Sequence* xd, const float* x,
                                Sequence* yd, float* y, Tensor* hd, const float* hx, float* hy, Tensor* cd,
                                const float* cx, float* cy, std::size_t weight_bytes, const float* weights,
                                std::size_t work_bytes, float* work, std::size_t reserve_bytes, float* reserve) {
  if (int status = asked_for("cudnnRNNForward")) return status;
  if (int status = check_stack(rnn, xd)) return status;
  const Step s = step_of(*rnn, *xd);
  const bool training = mode == TRAINING;
  if (int status = check_spaces(s, weight_bytes, work_bytes, reserve_bytes, training)) return status;
  if (int status = check_states(s, hd, cd)) return status;
  if (yd->size != rnn->hidden) return fail(CUDNN_BAD_PARAM, "y has another number of features than the layers");
  const std::size_t area = s.batch * s.hidden, states = hd->elements();
  const Operands operands{{"the lengths", lengths, s.batch},
                      {"x", x, xd->elements()},
                      {"y", y, yd->elements()},
                      {"hx", hx, hx == nullptr ? 0 : states},
                      {"hy", hy, hy == nullptr ? 0 : states},
                      {"cx", cx, cx == nullptr ? 0 : states},
                      {"cy", cy, cy == nullptr ? 0 : states},
                      {"the weights", weights, weight_bytes / 4},
                      {"the workspace", work, work_bytes / 4},
                      {"the reserve", reserve, training ? reserve_bytes / 4 : 0}};
  if (!live(operands)) return CUDNN_EXECUTION_FAILED;
  return enqueue(CUDNN_EXECUTION_FAILED, handle->stream, "cudnnRNNForward", operands, [=] {
    if (!lengths_right(lengths, s)) return fill_nan(y, s.time * area);
    float* kept = training ? reserve : work;
    for (std::size_t layer = 0; layer < s.layers; layer++) {
      forward_layer(s, layer, weights, x, hx, cx, kept);
      const std::size_t end = (s.time - 1) * area;
      if (hy != nullptr) std::copy_n(kept + s.outputs(layer) + end, area, hy + layer * area);
      if (cy != nullptr) std::copy_n(kept + s.cells(layer) + end, area, cy + layer * area);
    }
    transpose(kept + s.outputs(s.layers - 1), y, s.time, s.batch, s.hidden);
    kept[s.mark()] = FORWARD_DONE;
  });
}

LIBRARY_API int cudnnRNNBackwardData_v8(Handle* handle, Rnn* rnn, const int* lengths, Sequence* yd, const float* y,
                                        const float* dy, Sequence* xd, float* dx, Tensor* hd, const float* hx,
                                        const float* dhy, float* dhx, Tensor* cd, const float* cx, const float* dcy,
                                        float* dcx, std::size_t weight_bytes, const float* weights,
                                        std::size_t work_bytes, float* work, std::size_t reserve_bytes,
                                        float* reserve) {
  if (int status = asked_for("cudnnRNNBackwardData_v8")) return status;
  if (int status = check_stack(rnn, xd)) return status;
  const Step s = step_of(*rnn, *xd);
  if (int status = check_spaces(s, weight_bytes, work_bytes, reserve_bytes, true)) return status;
  if (int status = check_states(s, hd, cd)) return status;
  const std::size_t states = hd->elements();
  const Operands operands{{"the lengths", lengths, s.batch},
                      {"y", y, yd->elements()},
                      {"dy", dy, yd->elements()},
                      {"dx", dx, xd->elements()},
                      {"hx", hx, hx == nullptr ? 0 : states},
                      {"dhy", dhy, dhy == nullptr ? 0 : states},
                      {"dhx", dhx, dhx == nullptr ? 0 : states},
                      {"cx", cx, cx == nullptr ? 0 : states},
                      {"dcy", dcy, dcy == nullptr ? 0 : states},
                      {"dcx", dcx, dcx == nullptr ? 0 : states},
                      {"the weights", weights, weight_bytes / 4},
                      {"the workspace", work, work_bytes / 4},
                      {"the reserve", reserve, reserve_bytes / 4}};
  if (!live(operands)) return CUDNN_EXECUTION_FAILED;
  return enqueue(CUDNN_EXECUTION_FAILED, handle->stream, "cudnnRNNBackwardData_v8", operands, [=] {
    const std::size_t inputs = inputs_of(s.rnn, 0);
    if (!lengths_right(lengths, s) || reserve[s.mark()] != FORWARD_DONE || !output_right(y, s, reserve))
      return fill_nan(dx, s.time * s.batch * inputs);
    float* above = work;
    float* below = work + s.time * s.batch * std::max(s.hidden, inputs);
    transpose(dy, above, s.batch, s.time, s.hidden);
    for (std::size_t layer = s.layers; layer-- > 0;) {
      backward_layer(s, layer, weights, above, cx, dhy, dcy, dhx, dcx, reserve);
      backward_input(s, layer, weights, reserve, below);
      std::swap(above, below);
    }
    transpose(above, dx, s.time, s.batch, inputs);
    reserve[s.mark()] = DATA_DONE;
  });
}

LIBRARY_API int cudnnRNNBackwardWeights_v8(Handle* handle, Rnn* rnn, int add, const int* lengths, Sequence* xd,
                                           const float* x, Tensor* hd, const float* hx, Sequence* yd, const float* y,
                                           std::size_t weight_bytes, float* dweights, std::size_t work_bytes,
                                           float* work, std::size_t reserve_bytes, float* reserve) {
  if (int status = asked_for("cudnnRNNBackwardWeights_v8")) return status;
  if (add != 0) return fail(CUDNN_NOT_SUPPORTED, "weight gradients are only added");
  if (int status = check_stack(rnn, xd)) return status;
  const Step s = step_of(*rnn, *xd);
  if (int status = check_spaces(s, weight_bytes, work_bytes, reserve_bytes, true)) return status;
  if (int status = check_states(s, hd, hd)) return status;
  const Operands operands{{"the lengths", lengths, s.batch},
                      {"x", x, xd->elements()},
                      {"hx", hx, hx == nullptr ? 0 : hd->elements()},
                      {"y", y, yd->elements()},
                      {"the weight gradients", dweights, weight_bytes / 4},
                      {"the workspace", work, work_bytes / 4},
                      {"the reserve", reserve, reserve_bytes / 4}};
  if (!live(operands)) return CUDNN_EXECUTION_FAILED;
  return enqueue(CUDNN_EXECUTION_FAILED, handle->stream, "cudnnRNNBackwardWeights_v8", operands, [=] {
    if (!lengths_right(lengths, s) || reserve[s.mark()] != DATA_DONE || !output_right(y, s, reserve))
      return fill_nan(dweights, weight_bytes / 4);
    for (std::size_t layer = 0; layer < s.layers; layer++) backward_weights(s, layer, x, hx, reserve, dweights);
  });
}
