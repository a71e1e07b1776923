// Functions of one and of two arguments, copies, and changes of layout.
//
//   unary, unary_backward, affine   y = f(x); dx = dy f'(x); y = scale x + shift, rounded after each of the two
//   binary_rows, binary_general     out = left op right, spread over a common shape by strides
//   copy_runs                       runs of elements, both types
//   permute, transpose              axes in another order, both types
//   to_bf16                         float32 to pairs of bfloat16, to the nearest, ties to even
//
//   layout  dense float32 or int32, starting at any element. y may be an input, out either operand; copies and permutations
//           need other memory.
//   method  a thread moves four neighbours in 16 bytes where they lie on such a boundary, else one by one. Strides arrive
//           with neighbouring axes merged, so nearly all shapes are one or two axes long (binary_rows: one division for
//           four elements); up to four take a division each per element; the host loops over what is beyond. A transposed
//           matrix goes through a tile of 32 x 33 in shared memory, so that both sides are read and written in runs.
//   bound   bytes: 8 an element for unary, affine, copy, permute; 12 for binary and unary_backward; 6 for to_bf16. 8192 x
//           1024 elements: 14 us for unary and 21 us for binary at 4.8 TB/s; below some 100,000 elements launch alone.
//   tried   this version alone. Predicted 80 to 90 % of the bound for the four-wide kernels and transpose, 60 % for
//           binary_general and permute. Not yet measured on a GPU.
#include "vectors.cuh"

constexpr int THREADS = 256;

// The order of dev.impromptu.backend.UnaryOp.
enum Unary { NEGATE, EXP, LOG, SQRT, TANH, SIGMOID, RELU, ABS, SQUARE, RECIPROCAL, SOFTPLUS };

// The order of dev.impromptu.backend.BinaryOp.
enum Binary { ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM, POWER, GREATER, GREATER_EQUAL, EQUAL, KEEP };

static __device__ __forceinline__ float apply(int op, float x) {
  switch (op) {
    case NEGATE: return -x;
    case EXP: return expf(x);
    case LOG: return logf(x);
    case SQRT: return sqrtf(x);
    case TANH: return tanhf(x);
    case SIGMOID: return 1.0f / (1.0f + expf(-x));
    case ABS: return fabsf(x);
    case SQUARE: return x * x;
    case RECIPROCAL: return 1.0f / x;
    case SOFTPLUS: return maximum(x, 0.0f) + log1pf(expf(-fabsf(x)));
    default: return maximum(x, 0.0f);
  }
}

// known is the output for EXP, SQRT, TANH, SIGMOID and RECIPROCAL, the input for the others.
static __device__ __forceinline__ float backward(int op, float known, float dy) {
  switch (op) {
    case EXP: return dy * known;
    case LOG: return dy * (1.0f / known);
    case SQRT: return dy * (1.0f / (2.0f * known));
    case TANH: return dy * (1.0f - known * known);
    case SIGMOID: return dy * (known * (1.0f - known));
    case ABS: return dy * (known > 0.0f ? 1.0f : known < 0.0f ? -1.0f : known);
    case SQUARE: return dy * (2.0f * known);
    case RECIPROCAL: return -dy * (known * known);
    case SOFTPLUS: return dy * (1.0f / (1.0f + expf(-known)));
    // No product, which would make an infinite gradient NaN where nothing passes.
    default: return known > 0.0f ? dy : 0.0f;
  }
}

static __device__ __forceinline__ float combine(int op, float a, float b) {
  switch (op) {
    case ADD: return a + b;
    case SUBTRACT: return a - b;
    case MULTIPLY: return a * b;
    case DIVIDE: return a / b;
    case MAXIMUM: return maximum(a, b);
    case MINIMUM: return minimum(a, b);
    case POWER: return powf(a, b);
    case GREATER: return a > b ? 1.0f : 0.0f;
    case GREATER_EQUAL: return a >= b ? 1.0f : 0.0f;
    case EQUAL: return a == b ? 1.0f : 0.0f;
    default: return b != 0.0f ? a : 0.0f;
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) unary(int op, const float* x, float* y, int count) {
  const bool aligned = aligned16(x) && aligned16(y);
  for (unsigned i = first4(); i < static_cast<unsigned>(count); i += stride4()) {
    const float4 v = load4(x, i, count, aligned);
    store4(y, i, count, aligned, make_float4(apply(op, v.x), apply(op, v.y), apply(op, v.z), apply(op, v.w)));
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) unary_backward(
    int op, const float* known, const float* dy, float* dx, int count) {
  const bool aligned = aligned16(known) && aligned16(dy) && aligned16(dx);
  for (unsigned i = first4(); i < static_cast<unsigned>(count); i += stride4()) {
    const float4 k = load4(known, i, count, aligned);
    const float4 d = load4(dy, i, count, aligned);
    store4(dx, i, count, aligned,
           make_float4(backward(op, k.x, d.x), backward(op, k.y, d.y), backward(op, k.z, d.z), backward(op, k.w, d.w)));
  }
}

static __device__ __forceinline__ float scaled(float scale, float shift, float x) {
  return __fadd_rn(__fmul_rn(scale, x), shift);
}

extern "C" __global__ void __launch_bounds__(THREADS) affine(
    float scale, float shift, const float* x, float* y, int count) {
  const bool aligned = aligned16(x) && aligned16(y);
  for (unsigned i = first4(); i < static_cast<unsigned>(count); i += stride4()) {
    const float4 v = load4(x, i, count, aligned);
    store4(y, i, count, aligned,
           make_float4(scaled(scale, shift, v.x), scaled(scale, shift, v.y), scaled(scale, shift, v.z),
                       scaled(scale, shift, v.w)));
  }
}

// Four neighbours of one row of an operand.
static __device__ __forceinline__ float4 operand4(const float* operand, int stride, bool whole) {
  if (stride == 0) return make_float4(operand[0], operand[0], operand[0], operand[0]);
  if (whole && stride == 1) return *reinterpret_cast<const float4*>(operand);
  return make_float4(operand[0], operand[stride], operand[2 * stride], operand[3 * stride]);
}

// out [rows, columns]; an operand steps by its first stride from row to row, by its second from column to column.
extern "C" __global__ void __launch_bounds__(THREADS) binary_rows(
    int op, const float* left, const float* right, float* out, int rows, int columns, int left0, int left1, int right0,
    int right1) {
  const unsigned count = static_cast<unsigned>(rows) * columns;
  const bool fours = rows == 1 || columns % 4 == 0;
  const bool out_whole = aligned16(out);
  const bool left_whole = aligned16(left) && (rows == 1 || left0 % 4 == 0);
  const bool right_whole = aligned16(right) && (rows == 1 || right0 % 4 == 0);
  for (unsigned i = first4(); i < count; i += stride4()) {
    unsigned row = i / columns;
    unsigned column = i - row * columns;
    if (fours && i + 3 < count) {
      const float4 a = operand4(left + (row * left0 + column * left1), left1, left_whole);
      const float4 b = operand4(right + (row * right0 + column * right1), right1, right_whole);
      store4(out, i, count, out_whole,
             make_float4(combine(op, a.x, b.x), combine(op, a.y, b.y), combine(op, a.z, b.z), combine(op, a.w, b.w)));
      continue;
    }
    for (unsigned j = i; j < i + 4 && j < count; j++) {
      out[j] = combine(op, left[row * left0 + column * left1], right[row * right0 + column * right1]);
      if (++column == static_cast<unsigned>(columns)) {
        column = 0;
        row++;
      }
    }
  }
}

// Where element i of a shape lies in an operand with strides; the first size is not needed.
static __device__ __forceinline__ unsigned strided(unsigned i, int size1, int size2, int size3, int stride0, int stride1,
                                                   int stride2, int stride3) {
  const unsigned i3 = i / size3;
  const unsigned i2 = i3 / size2;
  const unsigned i1 = i2 / size1;
  return i1 * stride0 + (i2 - i1 * size1) * stride1 + (i3 - i2 * size2) * stride2 + (i - i3 * size3) * stride3;
}

extern "C" __global__ void __launch_bounds__(THREADS) binary_general(
    int op, const float* left, const float* right, float* out, int count, int size1, int size2, int size3, int left0,
    int left1, int left2, int left3, int right0, int right1, int right2, int right3) {
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < static_cast<unsigned>(count); i += gridDim.x * blockDim.x) {
    const float a = left[strided(i, size1, size2, size3, left0, left1, left2, left3)];
    const float b = right[strided(i, size1, size2, size3, right0, right1, right2, right3)];
    out[i] = combine(op, a, b);
  }
}

template <typename T>
static __device__ __forceinline__ void runs(const T* source, T* target, int count, int length, int source_stride,
                                            int target_stride) {
  const unsigned elements = static_cast<unsigned>(count) * length;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < elements; i += gridDim.x * blockDim.x) {
    const unsigned run = i / length;
    const unsigned place = i - run * length;
    target[run * target_stride + place] = source[run * source_stride + place];
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) copy_runs(
    const int* __restrict__ source, int* __restrict__ target, int count, int length, int source_stride,
    int target_stride) {
  if (aligned16(source) && aligned16(target) && (length | source_stride | target_stride) % 4 == 0) {
    runs(reinterpret_cast<const int4*>(source), reinterpret_cast<int4*>(target), count, length / 4, source_stride / 4,
         target_stride / 4);
  } else {
    runs(source, target, count, length, source_stride, target_stride);
  }
}

// target, dense, of sizes [., size1, size2, size3]; the strides are those of its axes in the source.
extern "C" __global__ void __launch_bounds__(THREADS) permute(
    const int* __restrict__ source, int* __restrict__ target, int count, int size1, int size2, int size3, int stride0,
    int stride1, int stride2, int stride3) {
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < static_cast<unsigned>(count); i += gridDim.x * blockDim.x)
    target[i] = source[strided(i, size1, size2, size3, stride0, stride1, stride2, stride3)];
}

// [matrices, rows, columns] -> [matrices, columns, rows]. Blocks of 256 threads; x covers tiles, y matrices.
extern "C" __global__ void __launch_bounds__(THREADS) transpose(
    const int* __restrict__ source, int* __restrict__ target, int matrices, int rows, int columns) {
  constexpr int TILE = 32;
  SHARED(int, tile, TILE * (TILE + 1));
  const int across = (columns - 1) / TILE + 1;
  const int row0 = blockIdx.x / across * TILE;
  const int column0 = blockIdx.x % across * TILE;
  const int lane = threadIdx.x % TILE;
  for (int matrix = blockIdx.y; matrix < matrices; matrix += gridDim.y) {
    const int first = matrix * rows * columns;
    for (int line = threadIdx.x / TILE; line < TILE; line += THREADS / TILE)
      if (row0 + line < rows && column0 + lane < columns)
        tile[line * (TILE + 1) + lane] = source[first + (row0 + line) * columns + column0 + lane];
    __syncthreads();
    for (int line = threadIdx.x / TILE; line < TILE; line += THREADS / TILE)
      if (column0 + line < columns && row0 + lane < rows)
        target[first + (column0 + line) * rows + row0 + lane] = tile[lane * (TILE + 1) + line];
    // The next matrix takes the same tile.
    __syncthreads();
  }
}

static __device__ __forceinline__ unsigned bf16(float x) {
  const unsigned bits = __float_as_uint(x);
  // NaN stays NaN, which rounding up could turn into infinity.
  if (x != x) return (bits >> 16) | 0x40u;
  return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

// y holds two to a word, the first in the low half; behind an odd count the last half is zero.
extern "C" __global__ void __launch_bounds__(THREADS) to_bf16(
    const float* __restrict__ x, unsigned* __restrict__ y, int count) {
  const bool aligned = aligned16(x);
  for (unsigned i = first4(); i < static_cast<unsigned>(count); i += stride4()) {
    const float4 v = load4(x, i, count, aligned);
    y[i / 2] = bf16(v.x) | bf16(v.y) << 16;
    if (i + 2 < static_cast<unsigned>(count)) y[i / 2 + 1] = bf16(v.z) | bf16(v.w) << 16;
  }
}
