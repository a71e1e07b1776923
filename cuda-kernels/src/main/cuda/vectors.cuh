// Four elements at a time. Slices start anywhere, so whether 16-byte accesses are possible shows only on the device: every
// thread finds the same answer. Where they are not, or at the end, the same four elements move one by one.
#pragma once

#include "device.cuh"

template <typename T>
static __device__ __forceinline__ bool aligned16(const T* pointer) {
  return reinterpret_cast<size_t>(pointer) % 16 == 0;
}

// Elements first to first + 3; zeros from count on. The first is below count.
static __device__ __forceinline__ float4 load4(const float* x, unsigned first, unsigned count, bool aligned) {
  if (aligned && first + 3 < count) return *reinterpret_cast<const float4*>(x + first);
  float4 v = make_float4(x[first], 0.0f, 0.0f, 0.0f);
  if (first + 1 < count) v.y = x[first + 1];
  if (first + 2 < count) v.z = x[first + 2];
  if (first + 3 < count) v.w = x[first + 3];
  return v;
}

// Nothing is written from count on. The first is below count.
static __device__ __forceinline__ void store4(float* y, unsigned first, unsigned count, bool aligned, float4 v) {
  if (aligned && first + 3 < count) {
    *reinterpret_cast<float4*>(y + first) = v;
    return;
  }
  y[first] = v.x;
  if (first + 1 < count) y[first + 1] = v.y;
  if (first + 2 < count) y[first + 2] = v.z;
  if (first + 3 < count) y[first + 3] = v.w;
}

// The first of this thread's elements, and how far the next four of them are; for grids along x.
static __device__ __forceinline__ unsigned first4() { return 4 * (blockIdx.x * blockDim.x + threadIdx.x); }

static __device__ __forceinline__ unsigned stride4() { return 4 * gridDim.x * blockDim.x; }

// Of a kernel's parameters x0 to x7, one for each tensor, that of this block's slot. No function: with one, nvcc 13 takes up
// to ten registers more.
#define OF_SLOT(x) \
  (slot == 0   ? x##0 \
   : slot == 1 ? x##1 \
   : slot == 2 ? x##2 \
   : slot == 3 ? x##3 \
   : slot == 4 ? x##4 \
   : slot == 5 ? x##5 \
   : slot == 6 ? x##6 \
               : x##7)
