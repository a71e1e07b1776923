// Layer normalisation: rows shifted and scaled to mean 0 and variance 1, then by parameters; and the gradients.
//
//   forward     n[r, j] = (x[r, j] - mean[r]) scale[r] with scale = 1 / sqrt(variance + epsilon); y = n weight + bias
//   backward    dx[r, j] = scale[r] (g[r, j] - mean of g[r] - n[r, j] (mean of g[r] n[r])) with g = dy weight
//   parameters  dWeight[j] = sum over r of dy[r, j] n[r, j], dBias[j] = sum over r of dy[r, j]
//
//   layout  x, y, dy and dx [rows, width]; moments [rows, 3]: the mean as rounded, the mean of what then is left, scale. So
//           deviations are exact where a mean is far from 0, where E[x^2] - mean^2 would have no digit left.
//   order   from the shape alone: a thread takes every n-th element, then lanes, then warps in order (device.cuh). The
//           parameters' rows are cut into pieces, whose sums reduction.cu adds up.
//   method  a warp for each row of up to 512, without a barrier, a block of 256 threads for each longer one; passes after the
//           first find the row in L1, long ones in L2. parameters: blocks of 32 columns by 8 threads that share the rows.
//   bound   bytes, an element: forward 8, backward 12, parameters 8. 8192 rows of 256: 3.5, 5.2 and 3.5 us at 4.8 TB/s, the
//           last less where L2 still holds x and dy.
//   tried   this version alone. Predicted 60 % of the bound: a row of 256 keeps a warp waiting for two or three reductions of
//           five exchanges each. Gradients of the parameters from the pass that makes dx would save those 8 bytes and need
//           sums of as many rows as warps run. Not yet measured on a GPU.
#include "device.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = 8;
constexpr int COLUMNS = 32;
constexpr int LINES = 8;
constexpr int MOMENTS = 3;

// Who shares a row, by its place and the number of its threads, which row is its first, and how far its next is.
struct Warp {
  static __device__ __forceinline__ int thread() { return threadIdx.x % WARP_THREADS; }
  static __device__ __forceinline__ int threads() { return WARP_THREADS; }
  static __device__ __forceinline__ unsigned first() { return blockIdx.x * WARPS + threadIdx.x / WARP_THREADS; }
  static __device__ __forceinline__ unsigned stride() { return gridDim.x * WARPS; }
  static __device__ __forceinline__ float sum(float value, float*) { return warp_sum(value); }
};

struct Block {
  static __device__ __forceinline__ int thread() { return threadIdx.x; }
  static __device__ __forceinline__ int threads() { return THREADS; }
  static __device__ __forceinline__ unsigned first() { return blockIdx.x; }
  static __device__ __forceinline__ unsigned stride() { return gridDim.x; }
  static __device__ __forceinline__ float sum(float value, float* scratch) { return block_sum(value, scratch); }
};

// The element before the parameters, of a row with these moments.
static __device__ __forceinline__ float normal(float x, const float* moments) {
  return (x - moments[0] - moments[1]) * moments[2];
}

template <typename Owner>
static __device__ __forceinline__ void forward(const float* x, const float* weight, const float* bias, float* y,
                                               float* moments, int rows, int width, float epsilon, float* scratch) {
  for (unsigned row = Owner::first(); row < static_cast<unsigned>(rows); row += Owner::stride()) {
    const float* from = x + static_cast<size_t>(row) * width;
    float* to = y + static_cast<size_t>(row) * width;
    float sum = 0.0f;
    for (int j = Owner::thread(); j < width; j += Owner::threads()) sum += from[j];
    const float mean = Owner::sum(sum, scratch) / width;
    float left = 0.0f;
    float squares = 0.0f;
    for (int j = Owner::thread(); j < width; j += Owner::threads()) {
      const float deviation = from[j] - mean;
      left += deviation;
      squares += deviation * deviation;
    }
    const float rest = Owner::sum(left, scratch) / width;
    // Of equal elements nothing but a rounding error is left, which may be below 0.
    const float variance = maximum(0.0f, Owner::sum(squares, scratch) / width - rest * rest);
    const float own[MOMENTS] = {mean, rest, 1.0f / sqrtf(variance + epsilon)};
    for (int j = Owner::thread(); j < width; j += Owner::threads()) to[j] = normal(from[j], own) * weight[j] + bias[j];
    if (Owner::thread() == 0)
      for (int i = 0; i < MOMENTS; i++) moments[static_cast<size_t>(row) * MOMENTS + i] = own[i];
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) layer_norm_warps(
    const float* __restrict__ x, const float* __restrict__ weight, const float* __restrict__ bias,
    float* __restrict__ y, float* __restrict__ moments, int rows, int width, float epsilon) {
  forward<Warp>(x, weight, bias, y, moments, rows, width, epsilon, nullptr);
}

extern "C" __global__ void __launch_bounds__(THREADS) layer_norm_blocks(
    const float* __restrict__ x, const float* __restrict__ weight, const float* __restrict__ bias,
    float* __restrict__ y, float* __restrict__ moments, int rows, int width, float epsilon) {
  SHARED(float, scratch, WARPS);
  forward<Block>(x, weight, bias, y, moments, rows, width, epsilon, scratch);
}

template <typename Owner>
static __device__ __forceinline__ void backward(const float* x, const float* weight, const float* moments, const float* dy,
                                                float* dx, int rows, int width, float* scratch) {
  for (unsigned row = Owner::first(); row < static_cast<unsigned>(rows); row += Owner::stride()) {
    const size_t begin = static_cast<size_t>(row) * width;
    const float* kept = moments + static_cast<size_t>(row) * MOMENTS;
    const float own[MOMENTS] = {kept[0], kept[1], kept[2]};
    float sum = 0.0f;
    float products = 0.0f;
    for (int j = Owner::thread(); j < width; j += Owner::threads()) {
      const float inner = dy[begin + j] * weight[j];
      sum += inner;
      products += inner * normal(x[begin + j], own);
    }
    const float mean = Owner::sum(sum, scratch) / width;
    const float product = Owner::sum(products, scratch) / width;
    for (int j = Owner::thread(); j < width; j += Owner::threads())
      dx[begin + j] = own[2] * (dy[begin + j] * weight[j] - mean - normal(x[begin + j], own) * product);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) layer_norm_backward_warps(
    const float* __restrict__ x, const float* __restrict__ weight, const float* __restrict__ moments,
    const float* __restrict__ dy, float* __restrict__ dx, int rows, int width) {
  backward<Warp>(x, weight, moments, dy, dx, rows, width, nullptr);
}

extern "C" __global__ void __launch_bounds__(THREADS) layer_norm_backward_blocks(
    const float* __restrict__ x, const float* __restrict__ weight, const float* __restrict__ moments,
    const float* __restrict__ dy, float* __restrict__ dx, int rows, int width) {
  SHARED(float, scratch, WARPS);
  backward<Block>(x, weight, moments, dy, dx, rows, width, scratch);
}

// Grid: x covers tiles of columns, y pieces of chunk rows, whose sums are written one behind the other.
extern "C" __global__ void __launch_bounds__(THREADS) layer_norm_parameters(
    const float* __restrict__ x, const float* __restrict__ moments, const float* __restrict__ dy,
    float* __restrict__ d_weight, float* __restrict__ d_bias, int rows, int chunk, int width) {
  SHARED(float, weights, COLUMNS * LINES);
  SHARED(float, biases, COLUMNS * LINES);
  const int lane = threadIdx.x % COLUMNS;
  const int line = threadIdx.x / COLUMNS;
  const int column = blockIdx.x * COLUMNS + lane;
  const int first = blockIdx.y * chunk;
  const int last = first + min(rows - first, chunk);
  float weight = 0.0f;
  float bias = 0.0f;
  if (column < width) {
    for (int row = first + line; row < last; row += LINES) {
      const size_t at = static_cast<size_t>(row) * width + column;
      const float d = dy[at];
      weight += d * normal(x[at], moments + static_cast<size_t>(row) * MOMENTS);
      bias += d;
    }
  }
  weights[line * COLUMNS + lane] = weight;
  biases[line * COLUMNS + lane] = bias;
  __syncthreads();
  if (line == 0 && column < width) {
    for (int other = 1; other < LINES; other++) {
      weight += weights[other * COLUMNS + lane];
      bias += biases[other * COLUMNS + lane];
    }
    const size_t to = static_cast<size_t>(blockIdx.y) * width + column;
    d_weight[to] = weight;
    d_bias[to] = bias;
  }
}
