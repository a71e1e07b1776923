// Adam for many parameters at once, and the length of all gradients together.
//
//   squares   partials[first + slot * blocks + block] = the sum of x^2 of a part of each of up to 8 tensors
//   root      norm = sqrt(sum of all partials)
//   adam      g' = f g; m = b1 m + (1 - b1) g'; v = b2 v + (1 - b2) g' g'; p -= rate m / (sqrt(v) / root + epsilon)
//             with f = min(1, max_norm / (norm + 1e-6)), or 1 where there is no norm; p is first multiplied by
//             1 - learning_rate decay. scale, a group's own, multiplies rate; decay comes multiplied by it
//
//   layout  8 tensors a launch, of any length, beginning at any element; blocks along y are tensors, along x share each.
//           Their addresses are arguments, not a table in device memory: gradients move from step to step, and while a step
//           is recorded no table could be uploaded. step holds rate, root and learning rate from its third place on.
//   order   squares are summed in double precision: a thread's every n-th four, lanes, warps, blocks, all from the lengths
//           alone.
//   bound   bytes: 28 a parameter for adam, 4 for the norm. 1.48 M parameters: 8.6 us and 1.2 us at 4.8 TB/s, and as much
//           again for two launches of each.
//   tried   this version alone. Predicted 70 % of the bound. Not yet measured on a GPU.
#include "vectors.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = 8;

extern "C" __global__ void __launch_bounds__(THREADS) squares(
    const float* __restrict__ x0, int n0,
    const float* __restrict__ x1, int n1,
    const float* __restrict__ x2, int n2,
    const float* __restrict__ x3, int n3,
    const float* __restrict__ x4, int n4,
    const float* __restrict__ x5, int n5,
    const float* __restrict__ x6, int n6,
    const float* __restrict__ x7, int n7,
    double* __restrict__ partials, int first) {
  SHARED(double, scratch, WARPS);
  const int slot = blockIdx.y;
  const float* x = OF_SLOT(x);
  const int count = OF_SLOT(n);
  const bool aligned = aligned16(x);
  double sum = 0.0;
  for (unsigned i = first4(); i < static_cast<unsigned>(count); i += stride4()) {
    const float4 v = load4(x, i, count, aligned);
    sum += static_cast<double>(v.x) * v.x;
    sum += static_cast<double>(v.y) * v.y;
    sum += static_cast<double>(v.z) * v.z;
    sum += static_cast<double>(v.w) * v.w;
  }
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) partials[first + slot * gridDim.x + blockIdx.x] = sum;
}

// One block.
extern "C" __global__ void __launch_bounds__(THREADS) root(const double* __restrict__ partials, float* __restrict__ norm, int count) {
  SHARED(double, scratch, WARPS);
  double sum = 0.0;
  for (int i = threadIdx.x; i < count; i += THREADS) sum += partials[i];
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) norm[0] = static_cast<float>(sqrt(sum));
}

struct Rates {
  float factor, beta1, rest1, beta2, rest2, epsilon, rate, root, kept;
};

static __device__ __forceinline__ void update(const Rates& r, float gradient, float& p, float& m, float& v) {
  const float g = r.factor * gradient;
  m = r.beta1 * m + r.rest1 * g;
  v = r.beta2 * v + r.rest2 * g * g;
  p = r.kept * p - r.rate * m / (sqrtf(v) / r.root + r.epsilon);
}

extern "C" __global__ void __launch_bounds__(THREADS) adam(
    float* p0, const float* g0, float* m0, float* v0, int n0,
    float* p1, const float* g1, float* m1, float* v1, int n1,
    float* p2, const float* g2, float* m2, float* v2, int n2,
    float* p3, const float* g3, float* m3, float* v3, int n3,
    float* p4, const float* g4, float* m4, float* v4, int n4,
    float* p5, const float* g5, float* m5, float* v5, int n5,
    float* p6, const float* g6, float* m6, float* v6, int n6,
    float* p7, const float* g7, float* m7, float* v7, int n7,
    float beta1, float rest1, float beta2, float rest2, float epsilon, float scale, float decay,
    const float* __restrict__ step, const float* __restrict__ norm, float max_norm) {
  const int slot = blockIdx.y;
  float* p = OF_SLOT(p);
  const float* g = OF_SLOT(g);
  float* m = OF_SLOT(m);
  float* v = OF_SLOT(v);
  const int count = OF_SLOT(n);
  const bool aligned = aligned16(p) && aligned16(g) && aligned16(m) && aligned16(v);
  const float factor = norm == nullptr ? 1.0f : minimum(1.0f, max_norm / (norm[0] + 1e-6f));
  const Rates rates{factor, beta1, rest1, beta2, rest2, epsilon, scale * step[2], step[3], 1.0f - decay * step[4]};
  for (unsigned i = first4(); i < static_cast<unsigned>(count); i += stride4()) {
    const float4 gradient = load4(g, i, count, aligned);
    float4 parameter = load4(p, i, count, aligned);
    float4 mean = load4(m, i, count, aligned);
    float4 variance = load4(v, i, count, aligned);
    update(rates, gradient.x, parameter.x, mean.x, variance.x);
    update(rates, gradient.y, parameter.y, mean.y, variance.y);
    update(rates, gradient.z, parameter.z, mean.z, variance.z);
    update(rates, gradient.w, parameter.w, mean.w, variance.w);
    store4(p, i, count, aligned, parameter);
    store4(m, i, count, aligned, mean);
    store4(v, i, count, aligned, variance);
  }
}
