// chip: 90
// The recurrence of one LSTM layer over all time steps in one launch, forwards and backwards, on clusters of eight blocks.
//
//   layout  as in lstm.cu: [batch, time, .] float32, gates [., 4 hidden] in PyTorch's order, the product with the input in
//           them before and the activated gates after. hidden is a multiple of 8; grid: eight blocks for each ROWS
//           sequences, the last cluster filled up with sequences that nobody sees.
//   method  a block owns an eighth of the units, all four gates, and keeps its slice of W_hh in shared memory from the
//           first step to the last: hidden^2 / 2 floats, 128 KiB at hidden 256. A step multiplies the slice with the whole
//           h of the cluster's sequences, of which every block holds a copy; a thread that owns a unit of a sequence keeps
//           its c in a register, computes the new h and writes it into all eight copies through distributed shared
//           memory. Copies are double, so that one cluster barrier a step is enough: while the copy of the next step is
//           filled, slower blocks still read that of this one.
//           Backwards the same with the slice of W_hh across its rows: a block owns an eighth of dh and holds copies of
//           all gates' gradients, and dc stays in registers. Only the gates' gradients are written; what follows from
//           them is computed for all steps at once, elsewhere.
//           Products: a thread has four sums for each sequence (the four gates of a unit; four units backwards) over a
//           share of the length, so each 16 bytes of weight serve 4 ROWS multiply-adds and each 16 bytes of h 16 of
//           them. The slice lies in the order in which threads read it, [length / 4][gate][unit][4], so that a warp
//           reads 512 bytes in a row, free of bank conflicts; h is read by broadcast.
//   order   the shares depend on hidden alone, so a sequence gets the same bits beside any number of others, in clusters
//           of any number of rows, on any chip. No atomics.
//   bound   shared memory and multiply-adds. A step at hidden 256 reads the slice once, 1024 cycles at 128 bytes, and
//           takes 256 ROWS cycles of multiply-adds: ROWS 1 to 4 cost about the same, 8 twice as much. Then some 100
//           cycles for the sums of shares, 300 for the gates of a unit, 500 for the exchange and the barrier.
//           Predicted at hidden 256 on an H200: 1.1 us a step forwards with ROWS up to 4, 1.7 us with 8; backwards 1.2 and
//           1.8 us; and 3 us a launch to load the slice. One layer of 32 steps at batch 8 (8 clusters of 1): 38 us
//           forwards, 42 us backwards.
//   tried   on paper: the slice in registers (64 of them in each of 512 threads at hidden 256) would make ROWS 1 four times
//           less bound by shared memory, for a kernel for each hidden size; to be tried once there are figures.
//           Not yet measured on a GPU.

#include "lstm_cell.cuh"

constexpr int THREADS = 256;
constexpr int CLUSTER = 8;

struct Four {
  float at[4];
};

static __device__ __forceinline__ Four load_four(const float* from) {
  const float4 four = *reinterpret_cast<const float4*>(from);
  return {{four.x, four.y, four.z, four.w}};
}

// sums[g][r] += weights[quad][g] . vectors[r][quad] over the share's quads. places: where in a quad of the slice the
// thread's four weights lie.
template <int ROWS>
static __device__ __forceinline__ void multiply(const float* slice, int quad_length, const int (&places)[4],
                                                const float* vectors, int vector_length, int share, int shares,
                                                float (&sums)[4][ROWS]) {
#pragma unroll(ROWS <= 2 ? 4 : 1)
  for (int quad = share; quad < vector_length / 4; quad += shares) {
    Four vector[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) vector[r] = load_four(vectors + r * vector_length + quad * 4);
#pragma unroll
    for (int g = 0; g < 4; g++) {
      const Four weight = load_four(slice + quad * quad_length + places[g]);
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
#pragma unroll
        for (int k = 0; k < 4; k++) sums[g][r] = fmaf(weight.at[k], vector[r].at[k], sums[g][r]);
      }
    }
  }
}

// The sum over shares of what each wrote, stride floats apart.
static __device__ __forceinline__ float sum_of_shares(const float* parts, int stride, int shares) {
  float sum = 0.0f;
#pragma unroll 4
  for (int share = 0; share < shares; share++) sum += parts[share * stride];
  return sum;
}

// Into the copies of all blocks.
static __device__ __forceinline__ void hand_out(float* place, float value) {
#pragma unroll
  for (int block = 0; block < CLUSTER; block++) *cluster_map(place, block) = value;
}

// initial_hidden and initial_cell [batch, hidden] may be null for zeros. before [batch, time, hidden] gets the h that each
// step started from.
template <int ROWS>
static __device__ __forceinline__ void forward(float* gates, const float* weight, const float* input_bias,
                                               const float* hidden_bias, const float* initial_hidden,
                                               const float* initial_cell, float* cells, float* before, float* out,
                                               float* last_hidden, float* last_cell, int batch, int time, int hidden) {
  DYNAMIC_SHARED(float, slice);
  const int units = hidden / CLUSTER;
  const int quad_length = 16 * units;
  const int shares = min(THREADS / units, hidden / 4);
  float* const states = slice + hidden / 4 * quad_length;
  float* const parts = states + 2 * ROWS * hidden;
  const int first_unit = static_cast<int>(cluster_rank()) * units;
  const int first_row = static_cast<int>(blockIdx.x) / CLUSTER * ROWS;

  // Consecutive threads write consecutive places: no bank conflicts, and sectors of 16 bytes are read from lines that
  // the next ones read on.
#pragma unroll 4
  for (int i = threadIdx.x; i < 4 * units * hidden; i += THREADS) {
    const int unit = i / 4 % units;
    const int gate = i / 4 / units % 4;
    const int k = i / quad_length * 4 + i % 4;
    slice[i] = weight[static_cast<size_t>(gate * hidden + first_unit + unit) * hidden + k];
  }
  for (int i = threadIdx.x; i < ROWS * hidden; i += THREADS) {
    const int row = first_row + i / hidden;
    states[i] = initial_hidden == nullptr || row >= batch
                    ? 0.0f
                    : initial_hidden[static_cast<size_t>(row) * hidden + i % hidden];
  }

  // As a share of the product and as the owner of a state a thread is at the same unit.
  const int own = threadIdx.x % units;
  const int share = threadIdx.x / units;
  const int unit = first_unit + own;
  const int row = first_row + share;
  const bool owner = share < ROWS;
  const bool seen = owner && row < batch;
  const size_t dense = static_cast<size_t>(row) * hidden + unit;
  int places[4];
#pragma unroll
  for (int g = 0; g < 4; g++) places[g] = (g * units + own) * 4;
  LstmGates bias = {};
  float c = 0.0f;
  if (seen) {
    bias = lstm_add(lstm_load(input_bias + unit, hidden), lstm_load(hidden_bias + unit, hidden));
    if (initial_cell != nullptr) c = initial_cell[dense];
  }
  // Every slice is there, and every block runs, before anything is written into it.
  cluster_sync();

  for (int t = 0; t < time; t++) {
    const float* const now = states + t % 2 * ROWS * hidden;
    float* const later = states + (t + 1) % 2 * ROWS * hidden;
    const size_t step = static_cast<size_t>(row) * time + t;
    // Asked for before the product, which takes longer than they do.
    LstmGates z = {};
    if (seen) z = lstm_load(gates + step * 4 * hidden + unit, hidden);

    if (share < shares) {
      float sums[4][ROWS] = {};
      multiply<ROWS>(slice, quad_length, places, now, hidden, share, shares, sums);
#pragma unroll
      for (int g = 0; g < 4; g++) {
#pragma unroll
        for (int r = 0; r < ROWS; r++) parts[((share * ROWS + r) * 4 + g) * units + own] = sums[g][r];
      }
    }
    __syncthreads();
    if (owner) {
      const float* const mine = parts + share * 4 * units + own;
      const int stride = ROWS * 4 * units;
      const LstmGates product = {
          sum_of_shares(mine, stride, shares), sum_of_shares(mine + units, stride, shares),
          sum_of_shares(mine + 2 * units, stride, shares), sum_of_shares(mine + 3 * units, stride, shares)};
      const LstmGates active = lstm_activate(lstm_add(lstm_add(z, product), bias));
      c = lstm_cell(active, c);
      const float h = lstm_hidden(active, c);
      if (t + 1 < time) hand_out(later + share * hidden + unit, h);
      if (seen) {
        lstm_store(gates + step * 4 * hidden + unit, hidden, active);
        cells[step * hidden + unit] = c;
        out[step * hidden + unit] = h;
        if (t == 0) before[step * hidden + unit] = now[share * hidden + unit];
        if (t + 1 < time) {
          before[(step + 1) * hidden + unit] = h;
        } else {
          last_hidden[dense] = h;
          last_cell[dense] = c;
        }
      }
    }
    if (t + 1 < time) cluster_sync();
  }
}

// dy [batch, time, hidden], d_last_hidden, d_last_cell and initial_cell [batch, hidden] may be null for zeros;
// d_initial_hidden and d_initial_cell are written unless null.
template <int ROWS>
static __device__ __forceinline__ void backward(const float* gates, const float* cells, const float* weight,
                                                const float* initial_cell, const float* dy, const float* d_last_hidden,
                                                const float* d_last_cell, float* d_gates, float* d_initial_hidden,
                                                float* d_initial_cell, int batch, int time, int hidden) {
  DYNAMIC_SHARED(float, slice);
  const int units = hidden / CLUSTER;
  const int quad_length = 4 * units;
  const int groups = (units + 3) / 4;
  const int shares = min(THREADS / groups, hidden);
  const int length = 4 * hidden;
  float* const gradients = slice + hidden * quad_length;
  float* const parts = gradients + 2 * ROWS * length;
  const int first_unit = static_cast<int>(cluster_rank()) * units;
  const int first_row = static_cast<int>(blockIdx.x) / CLUSTER * ROWS;

#pragma unroll 4
  for (int i = threadIdx.x; i < length * units; i += THREADS) {
    const int line = i / quad_length * 4 + i % 4;
    slice[i] = weight[static_cast<size_t>(line) * hidden + first_unit + i / 4 % units];
  }

  // A share of the product: four units, a group's width apart, so that neighbours read neighbouring weights.
  const int group = threadIdx.x % groups;
  const int share = threadIdx.x / groups;
  int places[4];
#pragma unroll
  for (int g = 0; g < 4; g++) places[g] = min(group + g * groups, units - 1) * 4;
  // A state.
  const int own = threadIdx.x % units;
  const int slot = threadIdx.x / units;
  const int unit = first_unit + own;
  const int row = first_row + slot;
  const bool owner = slot < ROWS;
  const bool seen = owner && row < batch;
  const size_t dense = static_cast<size_t>(row) * hidden + unit;
  float dc = seen && d_last_cell != nullptr ? d_last_cell[dense] : 0.0f;
  cluster_sync();

  // One round more than steps where the gradient of the initial state is wanted: only its product.
  const int rounds = d_initial_hidden == nullptr ? time : time + 1;
  for (int round = 0; round < rounds; round++) {
    const bool inside = round < time;
    const size_t step = static_cast<size_t>(row) * time + (time - 1 - round);
    float gradient = 0.0f;
    LstmGates active = {};
    float cell = 0.0f;
    float cell_before = 0.0f;
    if (seen && inside) {
      active = lstm_load(gates + step * 4 * hidden + unit, hidden);
      cell = cells[step * hidden + unit];
      if (round + 1 < time) {
        cell_before = cells[(step - 1) * hidden + unit];
      } else if (initial_cell != nullptr) {
        cell_before = initial_cell[dense];
      }
      if (dy != nullptr) gradient = dy[step * hidden + unit];
      if (round == 0 && d_last_hidden != nullptr) gradient += d_last_hidden[dense];
    }

    if (round > 0) {
      if (share < shares) {
        float sums[4][ROWS] = {};
        multiply<ROWS>(slice, quad_length, places, gradients + (round - 1) % 2 * ROWS * length, length, share, shares,
                       sums);
#pragma unroll
        for (int g = 0; g < 4; g++) {
          if (group + g * groups < units) {
#pragma unroll
            for (int r = 0; r < ROWS; r++) parts[(share * ROWS + r) * units + group + g * groups] = sums[g][r];
          }
        }
      }
      __syncthreads();
      if (owner) gradient += sum_of_shares(parts + slot * units + own, ROWS * units, shares);
    }

    if (!inside) {
      if (seen) d_initial_hidden[dense] = gradient;
    } else {
      if (owner) {
        const LstmGates dz = lstm_backward(active, cell, cell_before, gradient, &dc);
        if (round + 1 < rounds) {
          float* const place = gradients + round % 2 * ROWS * length + slot * length + unit;
          hand_out(place, dz.input);
          hand_out(place + hidden, dz.forget);
          hand_out(place + 2 * hidden, dz.cell);
          hand_out(place + 3 * hidden, dz.output);
        }
        if (seen) lstm_store(d_gates + step * 4 * hidden + unit, hidden, dz);
      }
      if (round + 1 < rounds) cluster_sync();
    }
  }
  if (seen && d_initial_cell != nullptr) d_initial_cell[dense] = dc;
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_forward_1(float* gates, const float* weight, const float* input_bias, const float* hidden_bias, const float* initial_hidden, const float* initial_cell, float* cells, float* before, float* out, float* last_hidden, float* last_cell, int batch, int time, int hidden) {
  forward<1>(gates, weight, input_bias, hidden_bias, initial_hidden, initial_cell, cells, before, out, last_hidden,
             last_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_forward_2(float* gates, const float* weight, const float* input_bias, const float* hidden_bias, const float* initial_hidden, const float* initial_cell, float* cells, float* before, float* out, float* last_hidden, float* last_cell, int batch, int time, int hidden) {
  forward<2>(gates, weight, input_bias, hidden_bias, initial_hidden, initial_cell, cells, before, out, last_hidden,
             last_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_forward_4(float* gates, const float* weight, const float* input_bias, const float* hidden_bias, const float* initial_hidden, const float* initial_cell, float* cells, float* before, float* out, float* last_hidden, float* last_cell, int batch, int time, int hidden) {
  forward<4>(gates, weight, input_bias, hidden_bias, initial_hidden, initial_cell, cells, before, out, last_hidden,
             last_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_forward_8(float* gates, const float* weight, const float* input_bias, const float* hidden_bias, const float* initial_hidden, const float* initial_cell, float* cells, float* before, float* out, float* last_hidden, float* last_cell, int batch, int time, int hidden) {
  forward<8>(gates, weight, input_bias, hidden_bias, initial_hidden, initial_cell, cells, before, out, last_hidden,
             last_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_backward_1(const float* gates, const float* cells, const float* weight, const float* initial_cell, const float* dy, const float* d_last_hidden, const float* d_last_cell, float* d_gates, float* d_initial_hidden, float* d_initial_cell, int batch, int time, int hidden) {
  backward<1>(gates, cells, weight, initial_cell, dy, d_last_hidden, d_last_cell, d_gates, d_initial_hidden,
              d_initial_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_backward_2(const float* gates, const float* cells, const float* weight, const float* initial_cell, const float* dy, const float* d_last_hidden, const float* d_last_cell, float* d_gates, float* d_initial_hidden, float* d_initial_cell, int batch, int time, int hidden) {
  backward<2>(gates, cells, weight, initial_cell, dy, d_last_hidden, d_last_cell, d_gates, d_initial_hidden,
              d_initial_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_backward_4(const float* gates, const float* cells, const float* weight, const float* initial_cell, const float* dy, const float* d_last_hidden, const float* d_last_cell, float* d_gates, float* d_initial_hidden, float* d_initial_cell, int batch, int time, int hidden) {
  backward<4>(gates, cells, weight, initial_cell, dy, d_last_hidden, d_last_cell, d_gates, d_initial_hidden,
              d_initial_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_backward_8(const float* gates, const float* cells, const float* weight, const float* initial_cell, const float* dy, const float* d_last_hidden, const float* d_last_cell, float* d_gates, float* d_initial_hidden, float* d_initial_cell, int batch, int time, int hidden) {
  backward<8>(gates, cells, weight, initial_cell, dy, d_last_hidden, d_last_cell, d_gates, d_initial_hidden,
              d_initial_cell, batch, time, hidden);
}
