// Rows of a table and places of an axis, taken and added to by their indices: an embedding and its gradient, and the like.
//
//   gather_rows        out[i] = table[ids[i]]
//   scatter_add_rows   table[ids[i]] += rows[i], in the order of i
//   gather_along       out[o, k, i] = x[o, ids[o, k, i], i]
//   scatter_add_along  target[o, ids[o, k, i], i] += values[o, k, i], in the order of k
//   one_hot            out[i, ids[i]] = 1, and 0 elsewhere; the row of an ignored id is 0
//
//   layout  table [bound, width], ids [count], rows and out [count, width]; an id without a row is reported and skipped.
//   method  gather: a thread moves an element, or four where rows and memory allow it. Scatter: a warp owns a row of the
//           table and up to 128 of its columns; it looks through all ids, 256 at a time, notes in shared memory where its
//           row occurs, and adds those rows up in registers, eight loads in flight. One owner, one order: no atomics.
//           Along an axis: a thread gathers an element, or owns all of one o and i to scatter to, one after the other, which
//           is slow where there are few of those. one_hot: a thread for each element.
//   bound   gather: 8 bytes an element, 8192 x 100: 1.4 us at 4.8 TB/s. Scatter moves 4 bytes an element and 8 for each
//           that a table row keeps, 0.8 us, but the ids are looked at bound times: count * bound / 32 steps of a warp of
//           some ten instructions. 8192 ids: 0.5 us of them for 173 rows and 28 us for 10,000, at 132 * 4 a cycle. With few
//           rows the bound is the most frequent id: eight additions each time a load from L2 has come, some 40 us for a
//           tenth of 8192.
//   tried   this version alone; sorting the ids first would cost several launches to save 28 us in the largest case.
//           Not yet measured on a GPU.
#include "vectors.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = 8;
// Columns of a warp: four for each lane.
constexpr int EACH = 4;
constexpr int COLUMNS = EACH * WARP_THREADS;
// Ids looked at before their rows are added.
constexpr int BATCH = 256;
constexpr int FLYING = 8;

template <typename T>
static __device__ __forceinline__ void gather(const T* table, const int* ids, T* out, int count, int width, int bound,
                                              int* fault) {
  const unsigned elements = static_cast<unsigned>(count) * width;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < elements; i += gridDim.x * blockDim.x) {
    const unsigned place = i / width;
    const unsigned column = i - place * width;
    const int id = ids[place];
    if (id >= 0 && id < bound) {
      out[i] = table[static_cast<size_t>(id) * width + column];
    } else if (column == 0) {
      report_index(fault, id, bound);
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) gather_rows(
    const float* __restrict__ table, const int* __restrict__ ids, float* __restrict__ out, int count, int width,
    int bound, int* fault) {
  if (aligned16(table) && aligned16(out) && width % 4 == 0) {
    gather(reinterpret_cast<const float4*>(table), ids, reinterpret_cast<float4*>(out), count, width / 4, bound, fault);
  } else {
    gather(table, ids, out, count, width, bound, fault);
  }
}

// Grid: x covers rows of the table, a warp each; y tiles of columns.
extern "C" __global__ void __launch_bounds__(THREADS) scatter_add_rows(
    const int* __restrict__ ids, const float* __restrict__ rows, float* __restrict__ table, int count, int width,
    int bound, int* fault) {
  SHARED(int, places, WARPS * BATCH);
  const int lane = threadIdx.x % WARP_THREADS;
  const int warp = threadIdx.x / WARP_THREADS;
  const int own = blockIdx.x * WARPS + warp;
  const int column0 = blockIdx.y * COLUMNS + lane;
  const bool reporter = own == 0 && blockIdx.y == 0;
  int* found = places + warp * BATCH;
  float* to = table + static_cast<size_t>(own) * width;

  float sums[EACH];
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const int column = column0 + e * WARP_THREADS;
    sums[e] = own < bound && column < width ? to[column] : 0.0f;
  }
  bool any = false;
  for (int first = 0; first < count; first += BATCH) {
    int hits = 0;
#pragma unroll
    for (int step = 0; step < BATCH; step += WARP_THREADS) {
      const int place = first + step + lane;
      const bool there = place < count;
      const int id = there ? ids[place] : -1;
      if (reporter && there && (id < 0 || id >= bound)) report_index(fault, id, bound);
      // A warp beyond the table's last row owns none: ids that equal its number are out of range.
      const bool hit = there && id == own && own < bound;
      const unsigned mask = __ballot_sync(FULL_WARP, hit);
      if (hit) found[hits + __popc(mask & ((1u << lane) - 1u))] = place;
      hits += __popc(mask);
    }
    __syncwarp();
    any = any || hits > 0;
    for (int hit = 0; hit < hits; hit += FLYING) {
#pragma unroll
      for (int e = 0; e < EACH; e++) {
        const int column = column0 + e * WARP_THREADS;
        if (column >= width) break;
        float values[FLYING];
#pragma unroll
        for (int f = 0; f < FLYING; f++) {
          const bool there = hit + f < hits;
          values[f] = there ? rows[static_cast<size_t>(found[hit + f]) * width + column] : 0.0f;
        }
#pragma unroll
        for (int f = 0; f < FLYING; f++)
          if (hit + f < hits) sums[e] += values[f];
      }
    }
    // The next ids take the same places.
    __syncwarp();
  }
  if (!any) return;
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const int column = column0 + e * WARP_THREADS;
    if (column < width) to[column] = sums[e];
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) gather_along(
    const float* __restrict__ x, const int* __restrict__ ids, float* __restrict__ out, int count, int group, int length,
    int inner, int* fault) {
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < static_cast<unsigned>(count); i += gridDim.x * blockDim.x) {
    const int id = ids[i];
    if (id >= 0 && id < length) {
      out[i] = x[(static_cast<size_t>(i / group) * length + id) * inner + i % inner];
    } else {
      report_index(fault, id, length);
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) scatter_add_along(
    const int* __restrict__ ids, const float* __restrict__ values, float* __restrict__ target, int outer, int count,
    int length, int inner, int* fault) {
  const unsigned owners = static_cast<unsigned>(outer) * inner;
  for (unsigned own = blockIdx.x * blockDim.x + threadIdx.x; own < owners; own += gridDim.x * blockDim.x) {
    const unsigned o = own / inner;
    const unsigned i = own - o * inner;
    for (int k = 0; k < count; k++) {
      const size_t from = (static_cast<size_t>(o) * count + k) * inner + i;
      const int id = ids[from];
      if (id >= 0 && id < length) {
        target[(static_cast<size_t>(o) * length + id) * inner + i] += values[from];
      } else {
        report_index(fault, id, length);
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) one_hot(
    const int* __restrict__ ids, float* __restrict__ out, int rows, int classes, int ignoring, int ignored,
    int* fault) {
  const unsigned count = static_cast<unsigned>(rows) * classes;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    const unsigned row = i / classes;
    const int column = static_cast<int>(i - row * classes);
    const int id = ids[row];
    const bool counts = !ignoring || id != ignored;
    if (column == 0 && counts && (id < 0 || id >= classes)) report_index(fault, id, classes);
    out[i] = counts && id == column ? 1.0f : 0.0f;
  }
}
