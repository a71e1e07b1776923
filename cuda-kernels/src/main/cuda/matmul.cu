// Matrix products of every shape and layout in float32: C = op(A) op(B), batched.
//
//   gemm_nn, _nt, _tn, _tt   tiles; the letters say whether A and B are stored transposed
//   gemm_fold                adds up what pieces of k gave
//   skinny_n, skinny_t       up to 8 rows of A; the letter says whether B is stored transposed
//
//   layout  A [m, k] ([k, m] transposed), B [k, n] ([n, k]), C [m, n], dense, matrices of a batch without gaps, beginning at
//           any element.
//   method  gemm: 64 x 64 of C for a block of 256 threads, 4 x 4 each in registers, 16 of k at a time in shared memory, the
//           next 16 on their way in registers meanwhile. With fewer tiles than a chip has multiprocessors, k is cut into
//           pieces whose number follows from the shape; they meet in scratch memory, [piece, batch, m, n], and are added in
//           order. skinny_t: a warp for each column, lanes along k; skinny_n: 32 columns by 8 threads that share k.
//   order   each sum is a chain of fused multiply-adds in the order of k within a piece; no atomics.
//   bound   flops: 2 m n k, 4.3 GFLOP of [8192, 256] x [256, 1024] in 64 us at 67 TFLOP/s. Up to 8 rows: bytes of B, 1 MiB
//           of [256, 1024] in 0.2 us at 4.8 TB/s, that is launch and latency, some 4 us.
//   tried   this version alone. Predicted 45 % of the bound: for each k a warp spends 16 cycles of multiply-adds beside
//           reads of 2 x 16 bytes a lane, of which the shared memory gives 128 bytes a cycle. Large products go to cuBLAS,
//           see CudaProducts.java. Not yet measured on a GPU.
#include "vectors.cuh"

constexpr int THREADS = 256;
constexpr int TILE = 64;
constexpr int DEPTH = 16;
// Four floats longer than a tile, which keeps 16-byte reads aligned and spreads the banks.
constexpr int STRIDE = TILE + 4;
constexpr int EACH = 4;
constexpr int LOADS = TILE * DEPTH / THREADS;

// What this thread loads of a tile of an operand. Neighbouring threads read neighbours in memory: along k where the
// operand's rows are k long, else along the other axis.
template <bool ALONG_K>
struct Part {
  int line, k;

  __device__ __forceinline__ explicit Part(int load)
      : line(ALONG_K ? threadIdx.x / DEPTH + load * (THREADS / DEPTH) : threadIdx.x % TILE),
        k(ALONG_K ? threadIdx.x % DEPTH : threadIdx.x / TILE + load * (THREADS / TILE)) {}
};

// lines is m or n; zeros beyond it and beyond last.
template <bool ALONG_K>
static __device__ __forceinline__ void fetch(const float* from, int line0, int lines, int k0, int last, int k,
                                             float (&values)[LOADS]) {
#pragma unroll
  for (int i = 0; i < LOADS; i++) {
    const Part<ALONG_K> part(i);
    const int line = line0 + part.line;
    const int at = k0 + part.k;
    const bool there = line < lines && at < last;
    values[i] = there ? from[ALONG_K ? static_cast<size_t>(line) * k + at : static_cast<size_t>(at) * lines + line] : 0.0f;
  }
}

template <bool ALONG_K>
static __device__ __forceinline__ void put(float* tile, const float (&values)[LOADS]) {
#pragma unroll
  for (int i = 0; i < LOADS; i++) {
    const Part<ALONG_K> part(i);
    tile[part.k * STRIDE + part.line] = values[i];
  }
}

// Grid: x covers tiles of C, y pieces of k of all matrices. With one piece c is C, else scratch memory.
template <bool TRANSPOSED_A, bool TRANSPOSED_B>
static __device__ __forceinline__ void gemm(const float* a, const float* b, float* c, int batch, int m, int n, int k,
                                            int pieces, int chunk) {
  SHARED(float, left, DEPTH * STRIDE);
  SHARED(float, right, DEPTH * STRIDE);
  const int across = (n - 1) / TILE + 1;
  const int row0 = blockIdx.x / across * TILE;
  const int column0 = blockIdx.x % across * TILE;
  const int down = threadIdx.x / 16 * EACH;
  const int right_place = threadIdx.x % 16 * EACH;
  for (int part = blockIdx.y; part < batch * pieces; part += gridDim.y) {
    const int piece = part / batch;
    const int matrix = part - piece * batch;
    const float* from_a = a + static_cast<size_t>(matrix) * m * k;
    const float* from_b = b + static_cast<size_t>(matrix) * k * n;
    const int first = piece * chunk;
    const int last = min(k - first, chunk) + first;
    float sums[EACH][EACH];
#pragma unroll
    for (int i = 0; i < EACH; i++)
#pragma unroll
      for (int j = 0; j < EACH; j++) sums[i][j] = 0.0f;

    float next_a[LOADS], next_b[LOADS];
    fetch<!TRANSPOSED_A>(from_a, row0, m, first, last, k, next_a);
    fetch<TRANSPOSED_B>(from_b, column0, n, first, last, k, next_b);
    for (int k0 = first; k0 < last; k0 += DEPTH) {
      put<!TRANSPOSED_A>(left, next_a);
      put<TRANSPOSED_B>(right, next_b);
      __syncthreads();
      fetch<!TRANSPOSED_A>(from_a, row0, m, k0 + DEPTH, last, k, next_a);
      fetch<TRANSPOSED_B>(from_b, column0, n, k0 + DEPTH, last, k, next_b);
#pragma unroll
      for (int at = 0; at < DEPTH; at++) {
        const float4 x = *reinterpret_cast<const float4*>(left + at * STRIDE + down);
        const float4 y = *reinterpret_cast<const float4*>(right + at * STRIDE + right_place);
        const float rows[EACH] = {x.x, x.y, x.z, x.w};
        const float columns[EACH] = {y.x, y.y, y.z, y.w};
#pragma unroll
        for (int i = 0; i < EACH; i++)
#pragma unroll
          for (int j = 0; j < EACH; j++) sums[i][j] = fmaf(rows[i], columns[j], sums[i][j]);
      }
      // The next 16 take the same places.
      __syncthreads();
    }

    float* to = c + static_cast<size_t>(part) * m * n;
    const bool whole = n % 4 == 0 && aligned16(to);
    const int column = column0 + right_place;
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      const int row = row0 + down + i;
      if (row >= m || column >= n) continue;
      float* line = to + static_cast<size_t>(row) * n;
      store4(line, column, n, whole, make_float4(sums[i][0], sums[i][1], sums[i][2], sums[i][3]));
    }
  }
}

// Two blocks of a multiprocessor: without that bound ptxas goes for four on sm_90, and spills.
extern "C" __global__ void __launch_bounds__(THREADS, 2) gemm_nn(
    const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int batch, int m, int n, int k,
    int pieces, int chunk) {
  gemm<false, false>(a, b, c, batch, m, n, k, pieces, chunk);
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) gemm_nt(
    const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int batch, int m, int n, int k,
    int pieces, int chunk) {
  gemm<false, true>(a, b, c, batch, m, n, k, pieces, chunk);
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) gemm_tn(
    const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int batch, int m, int n, int k,
    int pieces, int chunk) {
  gemm<true, false>(a, b, c, batch, m, n, k, pieces, chunk);
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) gemm_tt(
    const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int batch, int m, int n, int k,
    int pieces, int chunk) {
  gemm<true, true>(a, b, c, batch, m, n, k, pieces, chunk);
}

// c, of count elements, from as many of each piece.
extern "C" __global__ void __launch_bounds__(THREADS) gemm_fold(
    const float* __restrict__ parts, float* __restrict__ c, int count, int pieces) {
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < static_cast<unsigned>(count); i += gridDim.x * blockDim.x) {
    float sum = parts[i];
    for (int piece = 1; piece < pieces; piece++) sum += parts[static_cast<size_t>(piece) * count + i];
    c[i] = sum;
  }
}

constexpr int MOST_ROWS = 8;
constexpr int WARPS = 8;

// A's element [row, at] is a[row * row_a + at * step_a]. Rows beyond m repeat the last, which spares a branch for each.
static __device__ __forceinline__ void rows_by(const float* a, int m, int row_a, int step_a, int at, float factor,
                                               float (&sums)[MOST_ROWS]) {
#pragma unroll
  for (int row = 0; row < MOST_ROWS; row++) {
    const int own = min(row, m - 1);
    sums[row] = fmaf(a[static_cast<size_t>(own) * row_a + static_cast<size_t>(at) * step_a], factor, sums[row]);
  }
}

// Grid: x covers columns, a warp each; y matrices.
extern "C" __global__ void __launch_bounds__(THREADS) skinny_t(
    const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int batch, int m, int n, int k,
    int row_a, int step_a) {
  const int lane = threadIdx.x % WARP_THREADS;
  const int column = blockIdx.x * WARPS + threadIdx.x / WARP_THREADS;
  if (column >= n) return;
  for (int matrix = blockIdx.y; matrix < batch; matrix += gridDim.y) {
    const float* from_a = a + static_cast<size_t>(matrix) * m * k;
    const float* from_b = b + (static_cast<size_t>(matrix) * n + column) * k;
    float* to = c + static_cast<size_t>(matrix) * m * n + column;
    float sums[MOST_ROWS] = {};
    for (int at = lane; at < k; at += WARP_THREADS) rows_by(from_a, m, row_a, step_a, at, from_b[at], sums);
#pragma unroll
    for (int row = 0; row < MOST_ROWS; row++) {
      const float sum = warp_sum(sums[row]);
      if (row < m && lane == row) to[static_cast<size_t>(row) * n] = sum;
    }
  }
}

// Grid: x covers columns, 32 a block; y matrices.
extern "C" __global__ void __launch_bounds__(THREADS) skinny_n(
    const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int batch, int m, int n, int k,
    int row_a, int step_a) {
  SHARED(float, parts, WARPS * MOST_ROWS * WARP_THREADS);
  const int lane = threadIdx.x % WARP_THREADS;
  const int line = threadIdx.x / WARP_THREADS;
  const int column = blockIdx.x * WARP_THREADS + lane;
  for (int matrix = blockIdx.y; matrix < batch; matrix += gridDim.y) {
    const float* from_a = a + static_cast<size_t>(matrix) * m * k;
    const float* from_b = b + static_cast<size_t>(matrix) * k * n;
    float sums[MOST_ROWS] = {};
    if (column < n)
      for (int at = line; at < k; at += WARPS)
        rows_by(from_a, m, row_a, step_a, at, from_b[static_cast<size_t>(at) * n + column], sums);
#pragma unroll
    for (int row = 0; row < MOST_ROWS; row++) parts[(line * MOST_ROWS + row) * WARP_THREADS + lane] = sums[row];
    __syncthreads();
    // Each warp finishes one row.
    if (line < m && column < n) {
      float sum = parts[line * WARP_THREADS + lane];
      for (int other = 1; other < WARPS; other++) sum += parts[(other * MOST_ROWS + line) * WARP_THREADS + lane];
      c[(static_cast<size_t>(matrix) * m + line) * n + column] = sum;
    }
    // The next matrix takes the same places.
    __syncthreads();
  }
}
