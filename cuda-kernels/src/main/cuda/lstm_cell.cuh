// One unit of an LSTM at one step: what lstm.cu and lstm_persistent.cu do alike once the sums of the gates are there.
#pragma once

#include "device.cuh"

// In PyTorch's order.
struct LstmGates {
  float input, forget, cell, output;
};

// A row of gates holds all input gates, then all forget gates, and so on: those of one unit stand hidden apart, which
// neighbouring threads, each with a unit of its own, still read and write in whole lines.
static __device__ __forceinline__ LstmGates lstm_load(const float* gates, int hidden) {
  return {gates[0], gates[hidden], gates[2 * hidden], gates[3 * hidden]};
}

static __device__ __forceinline__ void lstm_store(float* gates, int hidden, LstmGates values) {
  gates[0] = values.input;
  gates[hidden] = values.forget;
  gates[2 * hidden] = values.cell;
  gates[3 * hidden] = values.output;
}

static __device__ __forceinline__ LstmGates lstm_add(LstmGates a, LstmGates b) {
  return {a.input + b.input, a.forget + b.forget, a.cell + b.cell, a.output + b.output};
}

static __device__ __forceinline__ float lstm_sigmoid(float z) { return 1.0f / (1.0f + expf(-z)); }

static __device__ __forceinline__ LstmGates lstm_activate(LstmGates z) {
  return {lstm_sigmoid(z.input), lstm_sigmoid(z.forget), tanhf(z.cell), lstm_sigmoid(z.output)};
}

// c = f c' + i g
static __device__ __forceinline__ float lstm_cell(LstmGates gates, float before) {
  return fmaf(gates.forget, before, gates.input * gates.cell);
}

// h = o tanh(c)
static __device__ __forceinline__ float lstm_hidden(LstmGates gates, float cell) { return gates.output * tanhf(cell); }

// The gradients of the gates' sums. gradient is dh, all of it; cell_gradient comes in as what later steps say of dc and
// leaves as the gradient of the cell before. tanh(c) is computed again, which is cheaper than to keep it.
static __device__ __forceinline__ LstmGates lstm_backward(LstmGates gates, float cell, float before, float gradient,
                                                          float* cell_gradient) {
  const float squashed = tanhf(cell);
  const float dc = fmaf(gradient * gates.output, 1.0f - squashed * squashed, *cell_gradient);
  *cell_gradient = dc * gates.forget;
  return {dc * gates.cell * (gates.input * (1.0f - gates.input)),
          dc * before * (gates.forget * (1.0f - gates.forget)), dc * gates.input * (1.0f - gates.cell * gates.cell),
          gradient * squashed * (gates.output * (1.0f - gates.output))};
}
