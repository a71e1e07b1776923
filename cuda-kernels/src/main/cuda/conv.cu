// The causal dilated convolution: forward, behind WaveNet's gate, both backwards, one step of a stream.
//
//   y[b, t, o] = bias[o] + added[b, t, o] + sum over c, j of weight[o, c, j] x[b, t - (taps - 1 - j) dilation, c]
//
// where x is zero before the first step.
//
//   layout  x [batch, time, in], y [batch, time, out], weight [out, in, taps], all dense float32; rows = batch * time.
//   method  each tap is one product of rows, moved in time, with that tap's slice of the weight; all taps add up in
//           registers and nothing like im2col is written. Tiles of rows run across sequences: whether a row looks back
//           beyond its own start is decided row by row, so short sequences waste nothing.
//           The gated forward holds a channel's filter and gate in one thread, which applies the gate in registers.
//   order   an element of y or dx is one chain of fused multiply-adds, first bias and what is added, then tap by tap,
//           channel by channel, whatever the tile: the chain that the cpu backend computes. The weight's gradient is
//           summed over pieces of the rows whose number follows from the shape, then over the pieces in order. No
//           atomics.
//   bound   flops: 2 rows in out taps for each of the four products. WaveNet's layer (32 to 64 channels, 2 taps) at
//           batch 256, 32 steps: 67 MFLOP, 1.0 us at 67 TFLOP/s, and 4.2 MB of x, gates and y, 0.9 us at 4.8 TB/s; at
//           batch 8 it is launch and latency alone, a few us.
//   tried   16 or 64 rows by 64 columns, 32 channels deep, a thread with 1 or 4 rows by 4 columns, sums and operands in
//           registers, one buffer in shared memory. Predicted from the reads of shared memory: for 4 channels a warp of
//           1 row spends 9 cycles of them beside 4 of multiply-adds, one of 4 rows 12 beside 16, so at most 44 % of the
//           bound with low tiles and some 70 % with tall ones, less what waiting for the one buffer costs.
//           Not yet measured on a GPU.
//
// Grid: x covers tiles of rows, y tiles of columns; see ConvKernels.java, which chooses the height of a tile. Rows are
// unsigned, because the last tile may end beyond 2^31.

#include "device.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = 8;
// A tile of the product: 64 columns, in shared memory 32 deep at a time. Rows of shared memory are four floats longer
// than what they hold, which keeps 16-byte reads aligned and spreads the banks.
constexpr int COLUMNS = 64;
constexpr int DEPTH = 32;
constexpr int DEPTH_STRIDE = DEPTH + 4;
constexpr int COLUMN_STRIDE = COLUMNS + 4;

// FORWARD and GATED look back in time and multiply with weight[o, c, j] over c; INPUT, the gradient of x, looks ahead
// and multiplies over o.
enum Pass { FORWARD, GATED, INPUT };

// The column of the product in one place of a tile, or -1 beyond the last. The gated tile holds 32 channels; each run
// of four places, which is what a thread owns, has two filters and the gates of the same two channels.
template <Pass PASS>
static __device__ __forceinline__ int column_at(int place, int columns) {
  if (PASS == GATED) {
    const int half = columns / 2;
    const int channel = blockIdx.y * (COLUMNS / 2) + place / 4 * 2 + place % 2;
    return channel < half ? place % 4 / 2 * half + channel : -1;
  }
  const int column = blockIdx.y * COLUMNS + place;
  return column < columns ? column : -1;
}

// One tile of y = rows * weight: EACH rows for each of 16 rows of threads.
//   from     [count, depth], what goes in: x, or dy for INPUT
//   added    like out, what sums begin with beside the bias, or null; not for GATED
//   gates    [count, columns], written by GATED only
//   out      [count, columns], or [count, columns / 2] for GATED
template <int EACH, Pass PASS>
static __device__ __forceinline__ void product(const float* from, const float* weight, const float* bias,
                                               const float* added, float* gates, float* out, int count, int time,
                                               int depth, int columns, int taps, int dilation) {
  constexpr int ROWS = 16 * EACH;
  SHARED(float, left, ROWS * DEPTH_STRIDE);
  SHARED(float, right, DEPTH * COLUMN_STRIDE);
  const int lane = threadIdx.x % WARP_THREADS;
  const int warp = threadIdx.x / WARP_THREADS;
  const int across = threadIdx.x % 16 * 4;
  const int down = threadIdx.x / 16 * EACH;
  const unsigned first = blockIdx.x * ROWS;

  // The steps of the rows that this thread loads; beyond the last row one that no tap reaches.
  int step[ROWS / WARPS];
#pragma unroll
  for (int i = 0; i < ROWS / WARPS; i++) {
    const unsigned row = first + i * WARPS + warp;
    step[i] = row < static_cast<unsigned>(count) ? static_cast<int>(row % time) : PASS == INPUT ? time : -1;
  }

  float sums[EACH][4];
#pragma unroll
  for (int n = 0; n < 4; n++) {
    const int column = PASS == INPUT || bias == nullptr ? -1 : column_at<PASS>(across + n, columns);
    const float start = column < 0 ? 0.0f : bias[column];
#pragma unroll
    for (int e = 0; e < EACH; e++) sums[e][n] = start;
  }
  if (PASS != GATED && added != nullptr) {
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      const unsigned row = first + down + e;
      if (row >= static_cast<unsigned>(count)) continue;
#pragma unroll
      for (int n = 0; n < 4; n++) {
        const int column = column_at<PASS>(across + n, columns);
        if (column >= 0) sums[e][n] += added[row * columns + column];
      }
    }
  }

  for (int tap = 0; tap < taps; tap++) {
    const int lag = (taps - 1 - tap) * dilation;
    for (int k0 = 0; k0 < depth; k0 += DEPTH) {
      const int steps = min(DEPTH, depth - k0);
#pragma unroll
      for (int i = 0; i < ROWS / WARPS; i++) {
        const int row = static_cast<int>(first) + i * WARPS + warp;
        const bool seen = PASS == INPUT ? step[i] < time - lag : step[i] >= lag;
        const int source = PASS == INPUT ? row + lag : row - lag;
        left[(i * WARPS + warp) * DEPTH_STRIDE + lane] = seen && lane < steps ? from[source * depth + k0 + lane] : 0.0f;
      }
      if (PASS == INPUT) {
        const int place = threadIdx.x % COLUMNS;
        const int column = column_at<PASS>(place, columns);
#pragma unroll
        for (int i = 0; i < DEPTH * COLUMNS / THREADS; i++) {
          const int k = i * (THREADS / COLUMNS) + threadIdx.x / COLUMNS;
          const bool there = column >= 0 && k < steps;
          right[k * COLUMN_STRIDE + place] = there ? weight[((k0 + k) * columns + column) * taps + tap] : 0.0f;
        }
      } else {
#pragma unroll
        for (int i = 0; i < COLUMNS / WARPS; i++) {
          const int place = i * WARPS + warp;
          const int column = column_at<PASS>(place, columns);
          const bool there = column >= 0 && lane < steps;
          right[lane * COLUMN_STRIDE + place] = there ? weight[(column * depth + k0 + lane) * taps + tap] : 0.0f;
        }
      }
      __syncthreads();
      // In fours, the last filled up with the zeros stored above.
      for (int k = 0; k < steps; k += 4) {
        float a[EACH][4];
#pragma unroll
        for (int e = 0; e < EACH; e++) {
          const float4 four = *reinterpret_cast<const float4*>(&left[(down + e) * DEPTH_STRIDE + k]);
          a[e][0] = four.x;
          a[e][1] = four.y;
          a[e][2] = four.z;
          a[e][3] = four.w;
        }
#pragma unroll
        for (int q = 0; q < 4; q++) {
          const float4 b = *reinterpret_cast<const float4*>(&right[(k + q) * COLUMN_STRIDE + across]);
#pragma unroll
          for (int e = 0; e < EACH; e++) {
            sums[e][0] = fmaf(a[e][q], b.x, sums[e][0]);
            sums[e][1] = fmaf(a[e][q], b.y, sums[e][1]);
            sums[e][2] = fmaf(a[e][q], b.z, sums[e][2]);
            sums[e][3] = fmaf(a[e][q], b.w, sums[e][3]);
          }
        }
      }
      __syncthreads();
    }
  }

#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const unsigned row = first + down + e;
    if (row >= static_cast<unsigned>(count)) continue;
    if (PASS == GATED) {
      const int half = columns / 2;
#pragma unroll
      for (int n = 0; n < 2; n++) {
        const int channel = column_at<PASS>(across + n, columns);
        if (channel < 0) continue;
        const float filter = tanhf(sums[e][n]);
        const float gate = 1.0f / (1.0f + expf(-sums[e][n + 2]));
        gates[row * columns + channel] = filter;
        gates[row * columns + half + channel] = gate;
        out[row * half + channel] = filter * gate;
      }
    } else {
#pragma unroll
      for (int n = 0; n < 4; n++) {
        const int column = column_at<PASS>(across + n, columns);
        if (column >= 0) out[row * columns + column] = sums[e][n];
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) conv_forward_16(const float* x, const float* weight,
                                                                      const float* bias, const float* added, float* y,
                                                                      int rows, int time, int in, int out, int taps,
                                                                      int dilation) {
  product<1, FORWARD>(x, weight, bias, added, nullptr, y, rows, time, in, out, taps, dilation);
}

extern "C" __global__ void __launch_bounds__(THREADS) conv_forward_64(const float* x, const float* weight,
                                                                      const float* bias, const float* added, float* y,
                                                                      int rows, int time, int in, int out, int taps,
                                                                      int dilation) {
  product<4, FORWARD>(x, weight, bias, added, nullptr, y, rows, time, in, out, taps, dilation);
}

// out is the number of filters and gates together, y [rows, out / 2], gates [rows, out] after their nonlinearities.
extern "C" __global__ void __launch_bounds__(THREADS) conv_gated_16(const float* x, const float* weight,
                                                                    const float* bias, float* gates, float* y, int rows,
                                                                    int time, int in, int out, int taps, int dilation) {
  product<1, GATED>(x, weight, bias, nullptr, gates, y, rows, time, in, out, taps, dilation);
}

extern "C" __global__ void __launch_bounds__(THREADS) conv_gated_64(const float* x, const float* weight,
                                                                    const float* bias, float* gates, float* y, int rows,
                                                                    int time, int in, int out, int taps, int dilation) {
  product<4, GATED>(x, weight, bias, nullptr, gates, y, rows, time, in, out, taps, dilation);
}

extern "C" __global__ void __launch_bounds__(THREADS) conv_input_16(const float* dy, const float* weight,
                                                                    const float* added, float* dx, int rows, int time,
                                                                    int in, int out, int taps, int dilation) {
  product<1, INPUT>(dy, weight, nullptr, added, nullptr, dx, rows, time, out, in, taps, dilation);
}

extern "C" __global__ void __launch_bounds__(THREADS) conv_input_64(const float* dy, const float* weight,
                                                                    const float* added, float* dx, int rows, int time,
                                                                    int in, int out, int taps, int dilation) {
  product<4, INPUT>(dy, weight, nullptr, added, nullptr, dx, rows, time, out, in, taps, dilation);
}

// The gradient before the gate's nonlinearities.
//   gates  [rows, 2 half], what the forward kept; dy [rows, half]; pre [rows, 2 half], written; count = rows * half
//   bound  bytes: 20 an element of dy
extern "C" __global__ void __launch_bounds__(THREADS) conv_gate_backward(const float* gates, const float* dy,
                                                                         float* pre, int count, int half) {
  const unsigned stride = gridDim.x * blockDim.x;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < static_cast<unsigned>(count); i += stride) {
    const unsigned at = i / half * (2u * half) + i % half;
    const float filter = gates[at];
    const float gate = gates[at + half];
    pre[at] = dy[i] * gate * (1.0f - filter * filter);
    pre[at + half] = dy[i] * filter * (gate * (1.0f - gate));
  }
}

// One piece of the gradients of weight and bias: 64 output by 64 input channels of one tap, summed over the rows from
// blockIdx.y * piece on. Both operands lie in memory as the product wants them, so nothing is turned.
//   parts  for each piece [taps, out, in] and behind it [out], the bias's; all of it is written
//   grid   x: tiles of in, then of out, then taps; y: pieces of the rows
extern "C" __global__ void __launch_bounds__(THREADS) conv_weight(const float* x, const float* dy, float* parts,
                                                                  int rows, int time, int in, int out, int taps,
                                                                  int dilation, int piece) {
  SHARED(float, left, DEPTH * COLUMN_STRIDE);
  SHARED(float, right, DEPTH * COLUMN_STRIDE);
  const int lane = threadIdx.x % WARP_THREADS;
  const int place = threadIdx.x % COLUMNS;
  const int across = threadIdx.x % 16 * 4;
  const int down = threadIdx.x / 16 * 4;
  const int tiles_in = (in + COLUMNS - 1) / COLUMNS;
  const int tiles_out = (out + COLUMNS - 1) / COLUMNS;
  const int first_in = blockIdx.x % tiles_in * COLUMNS;
  const int first_out = blockIdx.x / tiles_in % tiles_out * COLUMNS;
  const int tap = blockIdx.x / (tiles_in * tiles_out);
  const int lag = (taps - 1 - tap) * dilation;
  const bool sums_bias = tap == 0 && first_in == 0 && threadIdx.x < COLUMNS;
  const unsigned begin = blockIdx.y * piece;
  const unsigned end = begin + min(static_cast<unsigned>(rows) - begin, static_cast<unsigned>(piece));

  float sums[4][4] = {};
  float bias = 0.0f;
  for (unsigned row0 = begin; row0 < end; row0 += DEPTH) {
    const int steps = min(static_cast<unsigned>(DEPTH), end - row0);
    // Each lane finds out for one row which input meets it; all of its warp are told.
    const bool looks_back = static_cast<int>((row0 + lane) % time) < lag;
    const int mine = lane < steps && !looks_back ? static_cast<int>(row0) + lane - lag : -1;
#pragma unroll
    for (int i = 0; i < DEPTH * COLUMNS / THREADS; i++) {
      const int k = i * (THREADS / COLUMNS) + threadIdx.x / COLUMNS;
      const int source = __shfl_sync(FULL_WARP, mine, k);
      const bool there = k < steps && first_out + place < out;
      const bool seen = source >= 0 && first_in + place < in;
      left[k * COLUMN_STRIDE + place] = there ? dy[(row0 + k) * out + first_out + place] : 0.0f;
      right[k * COLUMN_STRIDE + place] = seen ? x[source * in + first_in + place] : 0.0f;
    }
    __syncthreads();
#pragma unroll 4
    for (int k = 0; k < steps; k++) {
      const float4 a = *reinterpret_cast<const float4*>(&left[k * COLUMN_STRIDE + down]);
      const float4 b = *reinterpret_cast<const float4*>(&right[k * COLUMN_STRIDE + across]);
      const float factors[4] = {a.x, a.y, a.z, a.w};
#pragma unroll
      for (int e = 0; e < 4; e++) {
        sums[e][0] = fmaf(factors[e], b.x, sums[e][0]);
        sums[e][1] = fmaf(factors[e], b.y, sums[e][1]);
        sums[e][2] = fmaf(factors[e], b.z, sums[e][2]);
        sums[e][3] = fmaf(factors[e], b.w, sums[e][3]);
      }
    }
    if (sums_bias) {
      for (int k = 0; k < steps; k++) bias += left[k * COLUMN_STRIDE + place];
    }
    __syncthreads();
  }

  const size_t weights = static_cast<size_t>(taps) * out * in;
  float* const part = parts + blockIdx.y * (weights + out);
#pragma unroll
  for (int e = 0; e < 4; e++) {
    const int o = first_out + down + e;
#pragma unroll
    for (int n = 0; n < 4; n++) {
      const int c = first_in + across + n;
      if (o < out && c < in) part[(static_cast<size_t>(tap) * out + o) * in + c] = sums[e][n];
    }
  }
  if (sums_bias && first_out + place < out) part[weights + first_out + place] = bias;
}

// Adds up what conv_weight left of the pieces, in order; bias may be null.
extern "C" __global__ void __launch_bounds__(THREADS) conv_weight_sum(const float* parts, float* weight, float* bias,
                                                                      int pieces, int in, int out, int taps) {
  const unsigned plane = static_cast<unsigned>(out) * in;
  const unsigned weights = plane * taps;
  const unsigned wanted = weights + (bias == nullptr ? 0 : out);
  const unsigned stride = gridDim.x * blockDim.x;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < wanted; i += stride) {
    float sum = 0.0f;
    for (int piece = 0; piece < pieces; piece++) sum += parts[static_cast<size_t>(piece) * (weights + out) + i];
    if (i < weights) {
      weight[i % plane * taps + i / plane] = sum;
    } else {
      bias[i - weights] = sum;
    }
  }
}

// One step of streams: a warp for each output channel of each stream, its lanes over the input channels.
//   ring   [batch, history, in], history = (taps - 1) * dilation; slot p mod history holds the input of step p
//   bound  bytes: the weight once, 4 in out taps; for one WaveNet layer nothing but the launch
// A single block of a stream writes x over the oldest input when its warps have read that. With more than one they
// cannot wait for each other, and conv_remember does it.
extern "C" __global__ void __launch_bounds__(THREADS) conv_step(const float* x, const float* weight, const float* bias,
                                                                float* ring, float* y, int batch, int in, int out,
                                                                int taps, int dilation, int position) {
  const int lane = threadIdx.x % WARP_THREADS;
  const int warp = threadIdx.x / WARP_THREADS;
  const int history = (taps - 1) * dilation;
  const int oldest = history == 0 ? 0 : position % history;
  for (int b = blockIdx.y; b < batch; b += gridDim.y) {
    const float* const now = x + static_cast<size_t>(b) * in;
    float* const past = ring + static_cast<size_t>(b) * history * in;
    for (int o = blockIdx.x * WARPS + warp; o < out; o += gridDim.x * WARPS) {
      float sum = 0.0f;
      for (int tap = 0; tap < taps; tap++) {
        const int lag = (taps - 1 - tap) * dilation;
        const int slot = oldest < lag ? oldest + history - lag : oldest - lag;
        const float* const source = lag == 0 ? now : past + static_cast<size_t>(slot) * in;
        const float* const factors = weight + static_cast<size_t>(o) * in * taps + tap;
        for (int c = lane; c < in; c += WARP_THREADS) sum = fmaf(factors[c * taps], source[c], sum);
      }
      sum = warp_sum(sum);
      if (lane == 0) y[static_cast<size_t>(b) * out + o] = bias == nullptr ? sum : sum + bias[o];
    }
    if (gridDim.x == 1 && history > 0) {
      __syncthreads();
      for (int c = threadIdx.x; c < in; c += THREADS) past[static_cast<size_t>(oldest) * in + c] = now[c];
    }
  }
}

// Writes each stream's x over the oldest input of its ring; count = batch * in.
extern "C" __global__ void __launch_bounds__(THREADS) conv_remember(const float* x, float* ring, int count, int in,
                                                                    int history, int slot) {
  const unsigned stride = gridDim.x * blockDim.x;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < static_cast<unsigned>(count); i += stride) {
    ring[(static_cast<size_t>(i / in) * history + slot) * in + i % in] = x[i];
  }
}
