// Gradient descent and RMSProp for many parameters at once.
//
//   sgd       g' = f g + decay p; v = momentum v + share g'; d = g' + momentum v if nesterov, else v; p -= scale rate d
//             without velocities d = g'
//   rms_prop  g' = f g + decay p; s = alpha s + (1 - alpha) g' g'; centered m = alpha m + (1 - alpha) g'
//             d = g' / (sqrt(s - m m) + epsilon); v = momentum v + d and v for d where there are velocities; p -= scale rate d
//             with f = min(1, max_norm / (norm + 1e-6)), or 1 where there is no norm
//
//   layout  as adam's: 8 tensors a launch, their addresses as arguments, blocks along y are tensors. step holds the rate in
//           its third place and the velocity's share of the gradient in its fourth. Absent tensors are null in all slots.
//   bound   bytes: 12 to 20 a parameter for sgd, 20 to 36 for rms_prop.
//   tried   this version alone. Not yet measured on a GPU.
#include "vectors.cuh"

constexpr int THREADS = 256;

struct Descent {
  float factor, decay, momentum, share, rate;
  bool nesterov, heavy;
};

static __device__ __forceinline__ void update(const Descent& r, float gradient, float& p, float& v) {
  const float g = r.factor * gradient + r.decay * p;
  float d = g;
  if (r.heavy) {
    v = r.momentum * v + r.share * g;
    d = r.nesterov ? g + r.momentum * v : v;
  }
  p -= r.rate * d;
}

extern "C" __global__ void __launch_bounds__(THREADS) sgd(
    float* p0, const float* g0, float* v0, int n0,
    float* p1, const float* g1, float* v1, int n1,
    float* p2, const float* g2, float* v2, int n2,
    float* p3, const float* g3, float* v3, int n3,
    float* p4, const float* g4, float* v4, int n4,
    float* p5, const float* g5, float* v5, int n5,
    float* p6, const float* g6, float* v6, int n6,
    float* p7, const float* g7, float* v7, int n7,
    float momentum, int nesterov, float scale, float decay, const float* __restrict__ step,
    const float* __restrict__ norm, float max_norm) {
  const int slot = blockIdx.y;
  float* p = OF_SLOT(p);
  const float* g = OF_SLOT(g);
  float* v = OF_SLOT(v);
  const int count = OF_SLOT(n);
  const bool heavy = v != nullptr;
  const bool aligned = aligned16(p) && aligned16(g) && aligned16(v);
  const float factor = norm == nullptr ? 1.0f : minimum(1.0f, max_norm / (norm[0] + 1e-6f));
  const Descent rates{factor, decay, momentum, step[3], scale * step[2], nesterov != 0, heavy};
  for (unsigned i = first4(); i < static_cast<unsigned>(count); i += stride4()) {
    const float4 gradient = load4(g, i, count, aligned);
    float4 parameter = load4(p, i, count, aligned);
    float4 velocity = heavy ? load4(v, i, count, aligned) : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    update(rates, gradient.x, parameter.x, velocity.x);
    update(rates, gradient.y, parameter.y, velocity.y);
    update(rates, gradient.z, parameter.z, velocity.z);
    update(rates, gradient.w, parameter.w, velocity.w);
    store4(p, i, count, aligned, parameter);
    if (heavy) store4(v, i, count, aligned, velocity);
  }
}

struct Propagation {
  float factor, decay, alpha, rest, epsilon, momentum, rate;
  bool centered, heavy;
};

static __device__ __forceinline__ void update(const Propagation& r, float gradient, float& p, float& s, float& m, float& v) {
  const float g = r.factor * gradient + r.decay * p;
  s = r.alpha * s + r.rest * g * g;
  float spread = s;
  if (r.centered) {
    m = r.alpha * m + r.rest * g;
    spread = s - m * m;
    // Below 0 by rounding alone; a NaN stays one.
    if (spread < 0.0f) spread = 0.0f;
  }
  float d = g / (sqrtf(spread) + r.epsilon);
  if (r.heavy) {
    d = r.momentum * v + d;
    v = d;
  }
  p -= r.rate * d;
}

extern "C" __global__ void __launch_bounds__(THREADS) rms_prop(
    float* p0, const float* g0, float* s0, float* m0, float* v0, int n0,
    float* p1, const float* g1, float* s1, float* m1, float* v1, int n1,
    float* p2, const float* g2, float* s2, float* m2, float* v2, int n2,
    float* p3, const float* g3, float* s3, float* m3, float* v3, int n3,
    float* p4, const float* g4, float* s4, float* m4, float* v4, int n4,
    float* p5, const float* g5, float* s5, float* m5, float* v5, int n5,
    float* p6, const float* g6, float* s6, float* m6, float* v6, int n6,
    float* p7, const float* g7, float* s7, float* m7, float* v7, int n7,
    float alpha, float rest, float epsilon, float momentum, float scale, float decay, const float* __restrict__ step,
    const float* __restrict__ norm, float max_norm) {
  const int slot = blockIdx.y;
  float* p = OF_SLOT(p);
  const float* g = OF_SLOT(g);
  float* s = OF_SLOT(s);
  float* m = OF_SLOT(m);
  float* v = OF_SLOT(v);
  const int count = OF_SLOT(n);
  const bool centered = m != nullptr;
  const bool heavy = v != nullptr;
  const bool aligned = aligned16(p) && aligned16(g) && aligned16(s) && aligned16(m) && aligned16(v);
  const float factor = norm == nullptr ? 1.0f : minimum(1.0f, max_norm / (norm[0] + 1e-6f));
  const Propagation rates{factor, decay, alpha, rest, epsilon, momentum, scale * step[2], centered, heavy};
  const float4 zeros = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  for (unsigned i = first4(); i < static_cast<unsigned>(count); i += stride4()) {
    const float4 gradient = load4(g, i, count, aligned);
    float4 parameter = load4(p, i, count, aligned);
    float4 square = load4(s, i, count, aligned);
    float4 mean = centered ? load4(m, i, count, aligned) : zeros;
    float4 velocity = heavy ? load4(v, i, count, aligned) : zeros;
    update(rates, gradient.x, parameter.x, square.x, mean.x, velocity.x);
    update(rates, gradient.y, parameter.y, square.y, mean.y, velocity.y);
    update(rates, gradient.z, parameter.z, square.z, mean.z, velocity.z);
    update(rates, gradient.w, parameter.w, square.w, mean.w, velocity.w);
    store4(p, i, count, aligned, parameter);
    store4(s, i, count, aligned, square);
    if (centered) store4(m, i, count, aligned, mean);
    if (heavy) store4(v, i, count, aligned, velocity);
  }
}
