// chip: 90
// The recurrence of one LSTM layer over all time steps in one launch, forwards and backwards, on clusters of eight blocks.
//
//   layout  as in lstm.cu: [batch, time, .] float32, gates [., 4 hidden] in PyTorch's order, the product with the input in
//           them before and the activated gates after. hidden is a multiple of 8, 256 at most; grid: eight blocks for each
//           ROWS sequences, the last cluster filled up with sequences that nobody sees.
//   method  a block owns an eighth of the units, all four gates, and its threads keep its slice of W_hh in registers from
//           the first step to the last: 128 floats each. Every block holds a copy of the whole h of the cluster's
//           sequences. A warp owns four units, 16 lines of the slice, and multiplies them with h, each lane over its own
//           share of the length; the lanes' sums are then added up so that each lane is left with those of one unit and
//           one sequence (spread). It computes gates, c (which stays in a register) and h, and sends h into all eight
//           copies, through distributed shared memory (st.async): the sends themselves count up a signal there (an
//           mbarrier), and a block goes on once all of h has come. No barrier of the cluster.
//           Copies are double, which is enough: nobody sends the h of the step after next before it has everybody's h of
//           the next one, and that is sent after this one's was read. A send is not ordered behind the sender's earlier
//           reads by itself: it is because the value sent depends on every one of them.
//           Backwards the same across the rows of W_hh: a block owns an eighth of dh and holds copies of all gates'
//           gradients, those of a unit side by side, so that one send of 16 bytes carries them; dc stays in registers. Only
//           the gates' gradients are written; what follows from them is computed for all steps at once, elsewhere.
//   order   the shares depend on hidden alone, so a sequence gets the same bits beside any number of others, in clusters
//           of any number of rows, and sums have the same order on any chip. No atomics.
//   bound   latency. A step at hidden 256 takes 256 ROWS cycles of multiply-adds, some 150 for the sums over lanes, 200
//           for the gates of a unit, and 400 for the sends and the wait: 0.5 us with ROWS 1 was predicted. An H200 takes
//           0.95 forwards and, without the slower first load of the table, 0.9 backwards, and 5 us for a launch of one
//           step.
//   tried   on an H200, hidden 256, batch 8 (8 clusters of 1), 32 steps, forwards and backwards in us, launch included:
//           slice in shared memory, sums of shares through it, one cluster barrier a step       76.3   69.0
//           the same, but lanes' sums by shuffles and four units a warp                          65.0   73.5
//             results stored between the barrier's arrival and its wait                          58.8   70.2
//             signals in the place of the barrier                                                51.8   57.1
//           slice in registers, cluster barrier                                                  42.7   61.2
//             arrival and wait apart                                                             40.5   60.0
//             signals (this one, with a slower first load backwards, and waits that acquired from the
//             block alone)                                                                       34.9   48.5
//           Eight rows a cluster leave no registers for the slice; with it in shared memory they took longer than two
//           rounds of four.

#include "lstm_cell.cuh"
#include "vectors.cuh"

constexpr int THREADS = 256;
constexpr int CLUSTER = 8;
constexpr int LANES = WARP_THREADS;
// Of a warp, side by side.
constexpr int UNITS = 4;
constexpr int GATES = 4;
// What each lane holds of a line of at most 256 numbers, and of one of at most 256 units with four gates each.
constexpr int LINE_QUADS = 2;
constexpr int UNIT_QUADS = 8;

struct Four {
  float at[4];
};

static __device__ __forceinline__ Four four_of(float4 values) { return {{values.x, values.y, values.z, values.w}}; }

static __device__ __forceinline__ Four load_four(const float* from) {
  return four_of(*reinterpret_cast<const float4*>(from));
}

static __device__ __forceinline__ float dot(const Four& a, const Four& b, float sum) {
#pragma unroll
  for (int k = 0; k < 4; k++) sum = fmaf(a.at[k], b.at[k], sum);
  return sum;
}

// Adds up each of COUNT values over the lanes of a warp: pairs 16 apart, then 8, 4, 2, 1. As long as a lane has several
// values, of a pair the lower lane goes on with the first half of them and the upper one with the second; so lane l ends
// with values[0], values[1], ... being those whose number begins with l's bits.
template <int COUNT, int OFFSET = LANES / 2, int SIZE>
static __device__ __forceinline__ void spread(float (&values)[SIZE], int lane) {
  if constexpr (OFFSET > 0) {
    constexpr int KEPT = COUNT > 1 ? COUNT / 2 : 1;
    const bool upper = COUNT > 1 && (lane & OFFSET) != 0;
#pragma unroll
    for (int i = 0; i < KEPT; i++) {
      const float mine = upper ? values[i + KEPT] : values[i];
      const float others = COUNT > 1 ? upper ? values[i] : values[i + KEPT] : values[i];
      values[i] = mine + __shfl_xor_sync(FULL_WARP, others, OFFSET);
    }
    spread<KEPT, OFFSET / 2>(values, lane);
  }
}

// Of the block's units, the first of this warp's.
static __device__ __forceinline__ int first_of_warp() {
  return static_cast<int>(threadIdx.x) / LANES * UNITS;
}

// Which of a cluster's units and sequences a lane ends up with: eight lanes for a unit, CELL for each of its sequences.
template <int ROWS>
struct Place {
  static constexpr int CELL = 8 / ROWS;
  int lane, slot, of_block, unit, row_of_cluster, row;
  bool exists, seen;

  __device__ __forceinline__ Place(int units, int batch) {
    lane = static_cast<int>(threadIdx.x) % LANES;
    slot = lane % CELL;
    of_block = first_of_warp() + lane / 8;
    unit = static_cast<int>(cluster_rank()) * units + of_block;
    row_of_cluster = lane % 8 / CELL;
    row = static_cast<int>(blockIdx.x) / CLUSTER * ROWS + row_of_cluster;
    exists = of_block < units;
    seen = exists && row < batch;
  }

  // One lane of the cell for each kind of result.
  __device__ __forceinline__ bool writes(int kind) const { return seen && slot == kind % CELL; }
};

// Signals of the two copies, each for the first time in step 1 or 2.
static __device__ __forceinline__ void begin_signals(ClusterSignal* signals, unsigned bytes) {
  if (threadIdx.x == 0) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      signal_begin(signals + i);
      signal_expect(signals + i, bytes);
    }
  }
  // Every block runs, and its signals are there, before anything is sent to it.
  cluster_sync();
}

// Waits for the copy of this step, after the first, and lets its signal expect the next but one.
static __device__ __forceinline__ void await_copy(ClusterSignal* signals, int step, int steps, unsigned bytes) {
  ClusterSignal* const signal = signals + step % 2;
  signal_wait(signal, static_cast<unsigned>(step - 1) / 2);
  if (threadIdx.x == 0 && step + 2 < steps) signal_expect(signal, bytes);
}

// initial_hidden and initial_cell [batch, hidden] may be null for zeros. before [batch, time, hidden] gets the h that each
// step started from.
template <int ROWS>
static __device__ __forceinline__ void forward(float* gates, const float* weight, const float* input_bias,
                                               const float* hidden_bias, const float* initial_hidden,
                                               const float* initial_cell, float* cells, float* before, float* out,
                                               float* last_hidden, float* last_cell, int batch, int time, int hidden) {
  DYNAMIC_SHARED(float, states);
  SHARED(ClusterSignal, signals, 2);
  // Gates of a cell that a lane ends with, and how many lanes have the same.
  constexpr int OWN = ROWS < 2 ? 1 : ROWS / 2;
  constexpr int SAME = ROWS < 2 ? 2 : 1;
  const int units = hidden / CLUSTER;
  const int quads = hidden / 4;
  const unsigned bytes = ROWS * hidden * sizeof(float);
  const Place<ROWS> place(units, batch);
  const int first_gate = place.slot / SAME * OWN;
  const int first_row = place.row - place.row_of_cluster;
  const size_t dense = static_cast<size_t>(place.row) * hidden + place.unit;

  const bool aligned = aligned16(weight);
  Four slice[LINE_QUADS][UNITS][GATES];
#pragma unroll
  for (int part = 0; part < LINE_QUADS; part++) {
    const int quad = place.lane + part * LANES;
#pragma unroll
    for (int u = 0; u < UNITS; u++) {
#pragma unroll
      for (int g = 0; g < GATES; g++) {
        const int of_block = first_of_warp() + u;
        const int line = g * hidden + static_cast<int>(cluster_rank()) * units + of_block;
        slice[part][u][g] = Four{};
        if (of_block < units && quad < quads)
          slice[part][u][g] = four_of(load4(weight + static_cast<size_t>(line) * hidden, 4 * quad, hidden, aligned));
      }
    }
  }
  for (int i = threadIdx.x; i < ROWS * hidden; i += THREADS) {
    const int row = first_row + i / hidden;
    states[i] = initial_hidden == nullptr || row >= batch
                    ? 0.0f
                    : initial_hidden[static_cast<size_t>(row) * hidden + i % hidden];
  }
  float bias[OWN] = {};
  float c = 0.0f;
  if (place.seen) {
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      const int line = (first_gate + i) * hidden + place.unit;
      bias[i] = input_bias[line] + hidden_bias[line];
    }
    if (initial_cell != nullptr) c = initial_cell[dense];
    if (place.writes(0))
      before[(dense - place.unit) * time + place.unit] = initial_hidden == nullptr ? 0.0f : initial_hidden[dense];
  }
  begin_signals(signals, bytes);
  if (first_of_warp() >= units) return;

  for (int t = 0; t < time; t++) {
    const float* const now = states + t % 2 * ROWS * hidden;
    float* const later = states + (t + 1) % 2 * ROWS * hidden;
    const size_t step = static_cast<size_t>(place.row) * time + t;
    // Asked for before the wait, which takes as long as they do.
    float z[OWN] = {};
    if (place.seen) {
#pragma unroll
      for (int i = 0; i < OWN; i++) z[i] = gates[(step * GATES + first_gate + i) * hidden + place.unit];
    }
    if (t > 0) await_copy(signals, t, time, bytes);

    float sums[UNITS * ROWS * GATES] = {};
#pragma unroll
    for (int part = 0; part < LINE_QUADS; part++) {
      // Beyond the end the slice is zero.
      const int quad = min(place.lane + part * LANES, quads - 1);
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        const Four state = load_four(now + r * hidden + 4 * quad);
#pragma unroll
        for (int u = 0; u < UNITS; u++) {
#pragma unroll
          for (int g = 0; g < GATES; g++) {
            float& sum = sums[(u * ROWS + r) * GATES + g];
            sum = dot(slice[part][u][g], state, sum);
          }
        }
      }
    }
    spread<UNITS * ROWS * GATES>(sums, place.lane);

    float own[OWN];
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      const float sum = z[i] + sums[i] + bias[i];
      own[i] = first_gate + i == 2 ? tanhf(sum) : lstm_sigmoid(sum);
    }
    float all[GATES];
#pragma unroll
    for (int g = 0; g < GATES; g++) all[g] = __shfl_sync(FULL_WARP, own[g % OWN], g / OWN * SAME, place.CELL);
    const LstmGates active = {all[0], all[1], all[2], all[3]};
    c = lstm_cell(active, c);
    const float h = lstm_hidden(active, c);
    if (place.exists && t + 1 < time) {
#pragma unroll
      for (int i = 0; i < ROWS; i++)
        cluster_send(later + place.row_of_cluster * hidden + place.unit, signals + (t + 1) % 2,
                     place.slot + i * place.CELL, h);
    }
    if (place.seen && place.slot % SAME == 0) {
#pragma unroll
      for (int i = 0; i < OWN; i++) gates[(step * GATES + first_gate + i) * hidden + place.unit] = own[i];
    }
    if (place.writes(1)) cells[step * hidden + place.unit] = c;
    if (place.writes(2)) out[step * hidden + place.unit] = h;
    if (place.writes(3)) {
      if (t + 1 < time) {
        before[(step + 1) * hidden + place.unit] = h;
      } else {
        last_hidden[dense] = h;
        last_cell[dense] = c;
      }
    }
  }
}

// dy [batch, time, hidden], d_last_hidden, d_last_cell and initial_cell [batch, hidden] may be null for zeros;
// d_initial_hidden and d_initial_cell are written unless null.
template <int ROWS>
static __device__ __forceinline__ void backward(const float* gates, const float* cells, const float* weight,
                                                const float* initial_cell, const float* dy, const float* d_last_hidden,
                                                const float* d_last_cell, float* d_gates, float* d_initial_hidden,
                                                float* d_initial_cell, int batch, int time, int hidden) {
  // [copy][row][unit][gate]
  DYNAMIC_SHARED(float, gradients);
  SHARED(ClusterSignal, signals, 2);
  const int units = hidden / CLUSTER;
  const int length = GATES * hidden;
  const unsigned bytes = ROWS * length * sizeof(float);
  const int first_unit = static_cast<int>(cluster_rank()) * units;
  const Place<ROWS> place(units, batch);
  const size_t dense = static_cast<size_t>(place.row) * hidden + place.unit;

  // Of each of the gates' lines what the warp's units have there, which only then begins at a multiple of 16 bytes.
  const bool aligned = aligned16(weight) && units % UNITS == 0;
  const int of_block = first_of_warp();
  Four slice[UNIT_QUADS][UNITS];
#pragma unroll
  for (int part = 0; part < UNIT_QUADS; part++) {
    const int from = place.lane + part * LANES;
#pragma unroll
    for (int g = 0; g < GATES; g++) {
      Four four = {};
      if (from < hidden && of_block < units)
        four = four_of(load4(weight + (static_cast<size_t>(g) * hidden + from) * hidden, first_unit + of_block,
                             first_unit + units, aligned));
#pragma unroll
      for (int u = 0; u < UNITS; u++) slice[part][u].at[g] = four.at[u];
    }
  }
  float dc = place.seen && d_last_cell != nullptr ? d_last_cell[dense] : 0.0f;
  begin_signals(signals, bytes);
  if (first_of_warp() >= units) return;

  // One round more than steps where the gradient of the initial state is wanted: only its product.
  const int rounds = d_initial_hidden == nullptr ? time : time + 1;
  for (int round = 0; round < rounds; round++) {
    const bool inside = round < time;
    const size_t step = static_cast<size_t>(place.row) * time + (time - 1 - round);
    float gradient = 0.0f;
    LstmGates active = {};
    float cell = 0.0f;
    float cell_before = 0.0f;
    if (place.seen && inside) {
      active = lstm_load(gates + step * GATES * hidden + place.unit, hidden);
      cell = cells[step * hidden + place.unit];
      if (round + 1 < time) {
        cell_before = cells[(step - 1) * hidden + place.unit];
      } else if (initial_cell != nullptr) {
        cell_before = initial_cell[dense];
      }
      if (dy != nullptr) gradient = dy[step * hidden + place.unit];
      if (round == 0 && d_last_hidden != nullptr) gradient += d_last_hidden[dense];
    }

    if (round > 0) {
      await_copy(signals, round, rounds, bytes);
      const float* const now = gradients + round % 2 * ROWS * length;
      float sums[UNITS * ROWS] = {};
#pragma unroll
      for (int part = 0; part < UNIT_QUADS; part++) {
        // Beyond the end the slice is zero.
        const int from = min(place.lane + part * LANES, hidden - 1);
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          const Four of_unit = load_four(now + r * length + GATES * from);
#pragma unroll
          for (int u = 0; u < UNITS; u++) {
            float& sum = sums[u * ROWS + r];
            sum = dot(slice[part][u], of_unit, sum);
          }
        }
      }
      spread<UNITS * ROWS>(sums, place.lane);
      gradient += sums[0];
    }

    if (!inside) {
      if (place.writes(0)) d_initial_hidden[dense] = gradient;
    } else {
      const LstmGates dz = lstm_backward(active, cell, cell_before, gradient, &dc);
      if (place.exists && round + 1 < rounds) {
        float* const there = gradients + (round + 1) % 2 * ROWS * length + place.row_of_cluster * length;
#pragma unroll
        for (int i = 0; i < ROWS; i++)
          cluster_send(reinterpret_cast<float4*>(there + GATES * place.unit), signals + (round + 1) % 2,
                       place.slot + i * place.CELL, make_float4(dz.input, dz.forget, dz.cell, dz.output));
      }
      float* const at = d_gates + step * GATES * hidden + place.unit;
      if (place.writes(0)) at[0] = dz.input;
      if (place.writes(1)) at[hidden] = dz.forget;
      if (place.writes(2)) at[2 * hidden] = dz.cell;
      if (place.writes(3)) at[3 * hidden] = dz.output;
    }
  }
  if (place.writes(0) && d_initial_cell != nullptr) d_initial_cell[dense] = dc;
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_forward_1(
    float* gates, const float* weight, const float* input_bias, const float* hidden_bias, const float* initial_hidden,
    const float* initial_cell, float* cells, float* before, float* out, float* last_hidden, float* last_cell, int batch,
    int time, int hidden) {
  forward<1>(gates, weight, input_bias, hidden_bias, initial_hidden, initial_cell, cells, before, out, last_hidden,
             last_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_forward_2(
    float* gates, const float* weight, const float* input_bias, const float* hidden_bias, const float* initial_hidden,
    const float* initial_cell, float* cells, float* before, float* out, float* last_hidden, float* last_cell, int batch,
    int time, int hidden) {
  forward<2>(gates, weight, input_bias, hidden_bias, initial_hidden, initial_cell, cells, before, out, last_hidden,
             last_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_forward_4(
    float* gates, const float* weight, const float* input_bias, const float* hidden_bias, const float* initial_hidden,
    const float* initial_cell, float* cells, float* before, float* out, float* last_hidden, float* last_cell, int batch,
    int time, int hidden) {
  forward<4>(gates, weight, input_bias, hidden_bias, initial_hidden, initial_cell, cells, before, out, last_hidden,
             last_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_backward_1(
    const float* gates, const float* cells, const float* weight, const float* initial_cell, const float* dy,
    const float* d_last_hidden, const float* d_last_cell, float* d_gates, float* d_initial_hidden,
    float* d_initial_cell, int batch, int time, int hidden) {
  backward<1>(gates, cells, weight, initial_cell, dy, d_last_hidden, d_last_cell, d_gates, d_initial_hidden,
              d_initial_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_backward_2(
    const float* gates, const float* cells, const float* weight, const float* initial_cell, const float* dy,
    const float* d_last_hidden, const float* d_last_cell, float* d_gates, float* d_initial_hidden,
    float* d_initial_cell, int batch, int time, int hidden) {
  backward<2>(gates, cells, weight, initial_cell, dy, d_last_hidden, d_last_cell, d_gates, d_initial_hidden,
              d_initial_cell, batch, time, hidden);
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) __cluster_dims__(8, 1, 1) lstm_persistent_backward_4(
    const float* gates, const float* cells, const float* weight, const float* initial_cell, const float* dy,
    const float* d_last_hidden, const float* d_last_cell, float* d_gates, float* d_initial_hidden,
    float* d_initial_cell, int batch, int time, int hidden) {
  backward<4>(gates, cells, weight, initial_cell, dy, d_last_hidden, d_last_cell, d_gates, d_initial_hidden,
              d_initial_cell, batch, time, hidden);
}
