// The LSTM on every chip and for every shape: what happens at one step, launched once a step, and the bias gradient.
//
//   z = W_ih x + b_ih + W_hh h' + b_hh;  i, f, o = sigmoid(z_i, z_f, z_o);  g = tanh(z_g);  c = f c' + i g;  h = o tanh(c)
//
//   layout  everything is dense float32; sequences are [batch, time, .], so that step t of sequence b is row b * time + t
//           and one step's rows lie time apart: kernels get a pointer to the step's first row. Gates are [., 4 hidden] in
//           PyTorch's order. The product with the input, for all steps at once, stands in the gates before the step, and
//           the activated gates take its place. before holds the h that each step started from, for the gradient of W_hh.
//   method  lstm_step and lstm_step_backward compute the recurrent product of few rows themselves and end with the
//           gates: one launch a step. lstm_gates and lstm_gates_backward are the second half alone, for many rows, whose
//           product cuBLAS computes better.
//           lstm_step: a warp for each gate of a block's two units, its lanes along the sum, eight rows at a time in
//           registers; with x given, its product goes the same way, which makes a step of a stream one launch a layer.
//           lstm_step_backward: a lane for each of eight units, four lanes and eight warps along the sum, because here
//           the weight is read across its rows, in sectors of 32 bytes.
//   order   the order of a row's sums depends on the sizes of the layer alone: not on the batch, nor on the chip. No
//           atomics.
//   bound   W_hh, read once a step for each eight rows: 1 MiB at hidden 256, from L2 some 0.3 us; launch and latency are
//           more. Predicted for an H200 with batch 8 and hidden 256: 3 us a step forwards and 3 us backwards in a graph.
//   tried   interleaving the gates of a unit, for accesses of 16 bytes: it makes every weight and its gradient a copy
//           the more, and saves no line of memory, since neighbouring threads read neighbouring units. Left out on
//           paper. Measured on an H200 at hidden 320 alone, batch 8: some 3 us a step (ADR 13).

#include "lstm_cell.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / WARP_THREADS;
// Rows of a block, along the grid's x.
constexpr int ROWS = 8;
// Units of a block, along the grid's y, forwards and backwards.
constexpr int STEP_UNITS = 2;
constexpr int BACK_UNITS = 8;

// For each row: sums[row] += weight . vectors[row], over this lane's share.
static __device__ __forceinline__ void lane_products(const float* weight, const float* vectors, int stride, int first,
                                                     int batch, int length, float (&sums)[ROWS]) {
  const float* rows[ROWS];
#pragma unroll
  for (int i = 0; i < ROWS; i++) rows[i] = vectors + static_cast<size_t>(min(first + i, batch - 1)) * stride;
#pragma unroll 2
  for (int k = threadIdx.x % WARP_THREADS; k < length; k += WARP_THREADS) {
    const float factor = weight[k];
#pragma unroll
    for (int i = 0; i < ROWS; i++) sums[i] = fmaf(factor, rows[i][k], sums[i]);
  }
}

// Sums over the warp; lane l gets that of row l % 8. At each of three exchanges a lane keeps half of its rows and gives
// the other half away, so that all eight sums take nine shuffles.
static __device__ __forceinline__ float warp_rows(const float (&sums)[ROWS]) {
  const int lane = threadIdx.x % WARP_THREADS;
  float four[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const bool odd = lane & 1;
    const float given = odd ? sums[2 * i] : sums[2 * i + 1];
    four[i] = (odd ? sums[2 * i + 1] : sums[2 * i]) + __shfl_xor_sync(FULL_WARP, given, 1);
  }
  float two[2];
#pragma unroll
  for (int i = 0; i < 2; i++) {
    const bool odd = lane & 2;
    const float given = odd ? four[2 * i] : four[2 * i + 1];
    two[i] = (odd ? four[2 * i + 1] : four[2 * i]) + __shfl_xor_sync(FULL_WARP, given, 2);
  }
  const bool odd = lane & 4;
  float one = (odd ? two[1] : two[0]) + __shfl_xor_sync(FULL_WARP, odd ? two[0] : two[1], 4);
  one += __shfl_xor_sync(FULL_WARP, one, 8);
  one += __shfl_xor_sync(FULL_WARP, one, 16);
  return one;
}

// From the sums of the gates without biases to everything that a step writes for one unit of one row.
static __device__ __forceinline__ void finish_step(LstmGates z, const float* input_bias, const float* hidden_bias,
                                                   float* gates, float cell_before, float* cells, float* out,
                                                   float* next, float* last_hidden, float* last_cell, float* state,
                                                   int row, int unit, int hidden, int time) {
  const LstmGates bias = lstm_add(lstm_load(input_bias + unit, hidden), lstm_load(hidden_bias + unit, hidden));
  const LstmGates active = lstm_activate(lstm_add(z, bias));
  const float c = lstm_cell(active, cell_before);
  const float h = lstm_hidden(active, c);
  const size_t place = static_cast<size_t>(row) * time * hidden + unit;
  const size_t dense = static_cast<size_t>(row) * hidden + unit;
  if (gates != nullptr) lstm_store(gates + static_cast<size_t>(row) * time * 4 * hidden + unit, hidden, active);
  if (cells != nullptr) cells[place] = c;
  if (out != nullptr) out[place] = h;
  if (next != nullptr) next[place] = h;
  if (state != nullptr) state[dense] = h;
  if (last_hidden != nullptr) last_hidden[dense] = h;
  if (last_cell != nullptr) last_cell[dense] = c;
}

// One step of one layer with its recurrent product. Grid: eights of rows, then pairs of units.
//   x            [batch, inputs] or null: then gates holds its product
//   gates        of this step, read when x is null; written unless null
//   h, c         before the step, rows state_time * hidden apart; null for zeros
//   cells, out   of this step, written unless null
//   first        of this step: the h it started from, written unless null
//   next         the same of the step after
//   last_hidden, last_cell  [batch, hidden], written unless null
extern "C" __global__ void __launch_bounds__(THREADS) lstm_step(
    const float* x, const float* input_weight, float* gates, const float* h, const float* c, const float* hidden_weight,
    const float* input_bias, const float* hidden_bias, float* cells, float* out, float* first, float* next,
    float* last_hidden, float* last_cell, int batch, int time, int state_time, int inputs, int hidden) {
  SHARED(float, sums, WARPS * ROWS);
  const int first_unit = blockIdx.y * STEP_UNITS;
  const int first_row = blockIdx.x * ROWS;
  const int warp = threadIdx.x / WARP_THREADS;
  const int lane = threadIdx.x % WARP_THREADS;
  const int line = warp % 4 * hidden + min(first_unit + warp / 4, hidden - 1);

  float parts[ROWS] = {};
  if (x != nullptr)
    lane_products(input_weight + static_cast<size_t>(line) * inputs, x, inputs, first_row, batch, inputs, parts);
  if (h != nullptr)
    lane_products(hidden_weight + static_cast<size_t>(line) * hidden, h, state_time * hidden, first_row, batch, hidden,
                  parts);
  const float sum = warp_rows(parts);
  if (lane < ROWS) sums[warp * ROWS + lane] = sum;
  __syncthreads();

  const int pair = threadIdx.x / ROWS;
  const int row = first_row + threadIdx.x % ROWS;
  const int unit = first_unit + pair;
  if (pair >= STEP_UNITS || unit >= hidden || row >= batch) return;
  const float* own = sums + pair * 4 * ROWS + threadIdx.x % ROWS;
  LstmGates z = {own[0], own[ROWS], own[2 * ROWS], own[3 * ROWS]};
  if (x == nullptr) z = lstm_add(z, lstm_load(gates + static_cast<size_t>(row) * time * 4 * hidden + unit, hidden));
  const size_t state = static_cast<size_t>(row) * state_time * hidden + unit;
  if (first != nullptr) first[static_cast<size_t>(row) * time * hidden + unit] = h == nullptr ? 0.0f : h[state];
  finish_step(z, input_bias, hidden_bias, gates, c == nullptr ? 0.0f : c[state], cells, out, next, last_hidden,
              last_cell, nullptr, row, unit, hidden, time);
}

// The same behind a recurrent product that was computed before. Any grid.
//   product      [batch, 4 hidden], W_hh h of this step; null for zeros
//   h, c         before the step as above; h is needed for first alone
//   state        [batch, hidden], written: h after the step, in one piece for the next product
extern "C" __global__ void __launch_bounds__(THREADS) lstm_gates(
    float* gates, const float* product, const float* h, const float* c, const float* input_bias,
    const float* hidden_bias, float* cells, float* out, float* first, float* next, float* last_hidden, float* last_cell,
    float* state, int batch, int time, int state_time, int hidden) {
  const unsigned count = static_cast<unsigned>(batch) * hidden;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    const int row = i / hidden;
    const int unit = i % hidden;
    LstmGates z = lstm_load(gates + static_cast<size_t>(row) * time * 4 * hidden + unit, hidden);
    if (product != nullptr) z = lstm_add(z, lstm_load(product + static_cast<size_t>(row) * 4 * hidden + unit, hidden));
    const size_t before = static_cast<size_t>(row) * state_time * hidden + unit;
    if (first != nullptr) first[static_cast<size_t>(row) * time * hidden + unit] = h == nullptr ? 0.0f : h[before];
    finish_step(z, input_bias, hidden_bias, gates, c == nullptr ? 0.0f : c[before], cells, out, next, last_hidden,
                last_cell, state, row, unit, hidden, time);
  }
}

// What a step of the backward writes for one unit of one row; gradient is what the step after says of dh.
//   dy             of this step, or null
//   d_last_hidden  [batch, hidden], at the last step, or null
//   dc_after       [batch, hidden], or null for zeros; dc_before may be the same memory
//   c_before       rows state_time * hidden apart, or null for zeros
//   d_gates        of this step, written; d_step [batch, 4 hidden], the same in one piece, unless null
static __device__ __forceinline__ void finish_backward(float gradient, const float* gates, const float* cells,
                                                       const float* c_before, const float* dy,
                                                       const float* d_last_hidden, const float* dc_after,
                                                       float* dc_before, float* d_gates, float* d_step, int row,
                                                       int unit, int hidden, int time, int state_time) {
  const size_t place = static_cast<size_t>(row) * time * hidden + unit;
  const size_t place_of_gates = static_cast<size_t>(row) * time * 4 * hidden + unit;
  const size_t dense = static_cast<size_t>(row) * hidden + unit;
  if (dy != nullptr) gradient += dy[place];
  if (d_last_hidden != nullptr) gradient += d_last_hidden[dense];
  const float before = c_before == nullptr ? 0.0f : c_before[static_cast<size_t>(row) * state_time * hidden + unit];
  float dc = dc_after == nullptr ? 0.0f : dc_after[dense];
  const LstmGates dz =
      lstm_backward(lstm_load(gates + place_of_gates, hidden), cells[place], before, gradient, &dc);
  dc_before[dense] = dc;
  lstm_store(d_gates + place_of_gates, hidden, dz);
  if (d_step != nullptr) lstm_store(d_step + static_cast<size_t>(row) * 4 * hidden + unit, hidden, dz);
}

// (d_after W_hh)[row, unit] for the block's eights of rows and units; d_after's rows are time * 4 hidden apart. Thread
// t < 64 gets that of row t / 8 and unit t % 8, the others nothing of use; all threads must come.
static __device__ __forceinline__ float hidden_gradient(const float* d_after, const float* weight, int batch, int time,
                                                        int hidden) {
  SHARED(float, sums, WARPS * ROWS * BACK_UNITS);
  const int lane = threadIdx.x % WARP_THREADS;
  const int warp = threadIdx.x / WARP_THREADS;
  const int unit = min(static_cast<int>(blockIdx.y) * BACK_UNITS + lane % BACK_UNITS, hidden - 1);
  const int first_row = blockIdx.x * ROWS;
  constexpr int SHARES = THREADS / BACK_UNITS;
  const float* rows[ROWS];
#pragma unroll
  for (int i = 0; i < ROWS; i++) rows[i] = d_after + static_cast<size_t>(min(first_row + i, batch - 1)) * time * 4 * hidden;
  float parts[ROWS] = {};
#pragma unroll 2
  for (int r = threadIdx.x / BACK_UNITS; r < 4 * hidden; r += SHARES) {
    const float factor = weight[static_cast<size_t>(r) * hidden + unit];
#pragma unroll
    for (int i = 0; i < ROWS; i++) parts[i] = fmaf(factor, rows[i][r], parts[i]);
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    parts[i] += __shfl_xor_sync(FULL_WARP, parts[i], 8);
    parts[i] += __shfl_xor_sync(FULL_WARP, parts[i], 16);
    if (lane < BACK_UNITS) sums[(warp * ROWS + i) * BACK_UNITS + lane] = parts[i];
  }
  __syncthreads();
  float sum = 0.0f;
  if (threadIdx.x < ROWS * BACK_UNITS)
    for (int w = 0; w < WARPS; w++) sum += sums[w * ROWS * BACK_UNITS + threadIdx.x];
  return sum;
}

// One step of the backward of one layer with its recurrent product. Grid: eights of rows, then eights of units.
//   d_after  the gates' gradients of the step after, or null at the last
extern "C" __global__ void __launch_bounds__(THREADS) lstm_step_backward(
    const float* d_after, const float* hidden_weight, const float* gates, const float* cells, const float* c_before,
    const float* dy, const float* d_last_hidden, const float* dc_after, float* dc_before, float* d_gates, int batch,
    int time, int state_time, int hidden) {
  const float gradient = d_after == nullptr ? 0.0f : hidden_gradient(d_after, hidden_weight, batch, time, hidden);
  const int unit = blockIdx.y * BACK_UNITS + threadIdx.x % BACK_UNITS;
  const int row = blockIdx.x * ROWS + threadIdx.x / BACK_UNITS;
  if (threadIdx.x >= ROWS * BACK_UNITS || unit >= hidden || row >= batch) return;
  finish_backward(gradient, gates, cells, c_before, dy, d_last_hidden, dc_after, dc_before, d_gates, nullptr, row, unit,
                  hidden, time, state_time);
}

// The same behind a product that was computed before, product [batch, hidden], or null for zeros. Any grid.
extern "C" __global__ void __launch_bounds__(THREADS) lstm_gates_backward(
    const float* product, const float* gates, const float* cells, const float* c_before, const float* dy,
    const float* d_last_hidden, const float* dc_after, float* dc_before, float* d_gates, float* d_step, int batch,
    int time, int state_time, int hidden) {
  const unsigned count = static_cast<unsigned>(batch) * hidden;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    finish_backward(product == nullptr ? 0.0f : product[i], gates, cells, c_before, dy, d_last_hidden, dc_after,
                    dc_before, d_gates, d_step, i / hidden, i % hidden, hidden, time, state_time);
  }
}

// The gradient of the initial hidden state [batch, hidden], from the first step's gates. Grid: as lstm_step_backward.
extern "C" __global__ void __launch_bounds__(THREADS) lstm_initial_gradient(
    const float* d_first, const float* hidden_weight, float* d_initial_hidden, int batch, int time, int hidden) {
  const float gradient = hidden_gradient(d_first, hidden_weight, batch, time, hidden);
  const int unit = blockIdx.y * BACK_UNITS + threadIdx.x % BACK_UNITS;
  const int row = blockIdx.x * ROWS + threadIdx.x / BACK_UNITS;
  if (threadIdx.x >= ROWS * BACK_UNITS || unit >= hidden || row >= batch) return;
  d_initial_hidden[static_cast<size_t>(row) * hidden + unit] = gradient;
}

// The gradient of both biases: the sum of each column of d_gates [rows, columns]. Grid: 32 columns a block, whose 32
// warps take turns with the rows; each adds its own in order, and then the first adds up the warps in order.
// Bound by the bytes of d_gates: 1 MiB at batch 8, 32 steps and hidden 256, some 1.5 us.
constexpr int BIAS_WARPS = 32;
extern "C" __global__ void __launch_bounds__(WARP_THREADS * BIAS_WARPS) lstm_bias_gradient(
    const float* d_gates, float* d_input_bias, float* d_hidden_bias, int rows, int columns) {
  SHARED(float, sums, BIAS_WARPS * WARP_THREADS);
  const int lane = threadIdx.x % WARP_THREADS;
  const int warp = threadIdx.x / WARP_THREADS;
  const int column = blockIdx.x * WARP_THREADS + lane;
  float sum = 0.0f;
  if (column < columns) {
#pragma unroll 4
    for (int row = warp; row < rows; row += BIAS_WARPS) sum += d_gates[static_cast<size_t>(row) * columns + column];
  }
  sums[warp * WARP_THREADS + lane] = sum;
  __syncthreads();
  if (warp != 0 || column >= columns) return;
  float total = 0.0f;
  for (int w = 0; w < BIAS_WARPS; w++) total += sums[w * WARP_THREADS + lane];
  d_input_bias[column] = total;
  d_hidden_bias[column] = total;
}
