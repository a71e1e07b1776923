// Sums and greatest elements along one axis, and where the greatest is.
//
//   reduce_rows      x [rows, length] -> y [rows, pieces]: each row in pieces of chunk elements
//   reduce_columns   x [outer, length, inner] -> y [outer, pieces, inner], likewise
//   arg_max          x [rows, columns] -> the place of the first greatest of each row
//
//   order   from the shape alone: a thread takes every n-th element, then lanes, then warps in order (device.cuh). Where
//           there are too few rows or columns to fill a chip the axis is cut into pieces, whose results are reduced by a
//           second launch of the same kernel.
//   method  rows: a block of 32 to 256 threads each, by their length. Columns: blocks of 32 columns by 8 threads that share
//           the length. NaN wins MAX and MIN; arg_max sees NaN in the first place alone, as the reference does: a comparison with
//           the greatest so far.
//   bound   bytes: 4 an element. 8192 rows of 1024: 7 us at 4.8 TB/s, rows or columns alike; small ones 2 to 3 us, launch.
//   tried   this version alone. Predicted 70 to 80 % of the bound; for fewer than 32 columns a fraction in proportion. Not
//           yet measured on a GPU.
#include "device.cuh"

constexpr int THREADS = 256;
constexpr int MOST_WARPS = 8;
constexpr int COLUMNS = 32;
constexpr int LINES = 8;

// The order of dev.impromptu.backend.ReduceOp.
enum Reduce { SUM, MAX, MIN };

static __device__ __forceinline__ float identity(int op) { return op == SUM ? 0.0f : op == MAX ? -INFINITY : INFINITY; }

static __device__ __forceinline__ float combine(int op, float a, float b) {
  return op == SUM ? a + b : op == MAX ? maximum(a, b) : minimum(a, b);
}

extern "C" __global__ void __launch_bounds__(THREADS) reduce_rows(
    int op, const float* __restrict__ x, float* __restrict__ y, int rows, int pieces, int length, int chunk) {
  SHARED(float, scratch, MOST_WARPS);
  const unsigned results = static_cast<unsigned>(rows) * pieces;
  for (unsigned result = blockIdx.x; result < results; result += gridDim.x) {
    const unsigned row = result / pieces;
    const int first = static_cast<int>(result - row * pieces) * chunk;
    const int last = min(length - first, chunk);
    const float* from = x + static_cast<size_t>(row) * length + first;
    float value = identity(op);
    for (int i = threadIdx.x; i < last; i += blockDim.x) value = combine(op, value, from[i]);
    value = op == SUM ? block_sum(value, scratch) : op == MAX ? block_max(value, scratch) : block_min(value, scratch);
    if (threadIdx.x == 0) y[result] = value;
  }
}

// Grid: x covers tiles of columns, y pieces of all outer indices.
extern "C" __global__ void __launch_bounds__(THREADS) reduce_columns(
    int op, const float* __restrict__ x, float* __restrict__ y, int outer, int pieces, int length, int chunk,
    int inner) {
  SHARED(float, parts, COLUMNS * LINES);
  const int lane = threadIdx.x % COLUMNS;
  const int line = threadIdx.x / COLUMNS;
  const int column = blockIdx.x * COLUMNS + lane;
  const unsigned results = static_cast<unsigned>(outer) * pieces;
  for (unsigned result = blockIdx.y; result < results; result += gridDim.y) {
    const unsigned block = result / pieces;
    const int first = static_cast<int>(result - block * pieces) * chunk;
    const int last = first + min(length - first, chunk);
    const float* from = x + static_cast<size_t>(block) * length * inner + column;
    float value = identity(op);
    if (column < inner)
      for (int i = first + line; i < last; i += LINES) value = combine(op, value, from[static_cast<size_t>(i) * inner]);
    parts[line * COLUMNS + lane] = value;
    __syncthreads();
    if (line == 0 && column < inner) {
      for (int other = 1; other < LINES; other++) value = combine(op, value, parts[other * COLUMNS + lane]);
      y[static_cast<size_t>(result) * inner + column] = value;
    }
    // The next result takes the same places.
    __syncthreads();
  }
}

struct Greatest {
  static __device__ __forceinline__ unsigned long long combine(unsigned long long a, unsigned long long b) {
    return a > b ? a : b;
  }
};

// Grows with the value, and among equals with a smaller place.
static __device__ __forceinline__ unsigned long long rank(float value, int place) {
  // -0 equals +0.
  const unsigned bits = __float_as_uint(value == 0.0f ? 0.0f : value);
  const unsigned order = (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
  return static_cast<unsigned long long>(order) << 32 | (0xffffffffu - static_cast<unsigned>(place));
}

extern "C" __global__ void __launch_bounds__(THREADS) arg_max(
    const float* __restrict__ x, int* __restrict__ indices, int rows, int columns) {
  SHARED(unsigned long long, scratch, MOST_WARPS);
  for (unsigned row = blockIdx.x; row < static_cast<unsigned>(rows); row += gridDim.x) {
    const float* from = x + static_cast<size_t>(row) * columns;
    unsigned long long best = 0;
    for (int i = threadIdx.x; i < columns; i += blockDim.x) {
      const float value = from[i];
      if (value == value) {
        best = Greatest::combine(best, rank(value, i));
      } else if (i == 0) {
        best = ~0ull;
      }
    }
    best = block_reduce<Greatest>(best, scratch);
    if (threadIdx.x == 0) indices[row] = static_cast<int>(0xffffffffu - static_cast<unsigned>(best));
  }
}
