// What the kernels use beyond plain C++, once for nvcc and once for the host compiler that builds the driver double.
// A kernel includes this file and nothing else of CUDA's.
//
//   SHARED(type, name, count);    a static array in shared memory, aligned to 16 bytes. On the host name is a pointer, so
//                                 sizeof(name) is not to be used.
//   DYNAMIC_SHARED(type, name);   the dynamic shared memory of the launch, aligned to 16 bytes.
//   cluster_rank(), cluster_size(), cluster_sync(), cluster_map(pointer, rank): thread-block clusters; not declared below
//                                 sm_90, so that a kernel which needs them does not compile for an older chip.
//   ClusterSignal, signal_*, cluster_send: writes into the shared memory of the cluster's blocks that tell their arrival.
//   maximum, minimum              as Java's Math.max and PyTorch's maximum: NaN wins, +0 is above -0. fmaxf drops NaN.
//   warp_*, block_*               reductions in one fixed order; the result is the same in every thread.
//   report_index                  an index out of range, for the host to read later.
//
// Nothing here depends on the number of multiprocessors: sums have one order on every chip, and two runs on one chip
// and driver give the same bits.
#pragma once

#ifdef __CUDACC__

#define SHARED(type, name, count) __shared__ __align__(16) type name[count]

#define DYNAMIC_SHARED(type, name)                                     \
  extern __shared__ __align__(16) unsigned char dynamic_shared_memory[]; \
  type* const name = reinterpret_cast<type*>(dynamic_shared_memory)

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900

// This block's place in its cluster.
static __device__ __forceinline__ unsigned cluster_rank() {
  unsigned rank;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}

// The number of blocks of the cluster.
static __device__ __forceinline__ unsigned cluster_size() {
  unsigned size;
  asm volatile("mov.u32 %0, %%cluster_nctarank;" : "=r"(size));
  return size;
}

// Waits for every thread of the cluster; what they wrote to shared memory before it is seen after it.
static __device__ __forceinline__ void cluster_sync() {
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

// Where the block of that rank keeps what this block keeps at pointer. That block must still be running.
template <typename T>
static __device__ __forceinline__ T* cluster_map(T* pointer, unsigned rank) {
  unsigned long long mapped;
  asm("mapa.u64 %0, %1, %2;" : "=l"(mapped) : "l"(reinterpret_cast<unsigned long long>(pointer)), "r"(rank));
  return reinterpret_cast<T*>(mapped);
}

// A transaction barrier (mbarrier) in shared memory: counts the bytes that are sent to this block, round after round. One thread begins it, before a
// cluster_sync, and says in each round how many bytes end it; every thread that reads them waits for the round's end. A
// round's bytes may come before it is said how many they are, but not before the round has begun.
struct ClusterSignal {
  unsigned long long state;
};

static __device__ __forceinline__ unsigned shared_address(const void* pointer) {
  return static_cast<unsigned>(__cvta_generic_to_shared(pointer));
}

static __device__ __forceinline__ unsigned cluster_address(const void* pointer, unsigned rank) {
  unsigned mapped;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(mapped) : "r"(shared_address(pointer)), "r"(rank));
  return mapped;
}

static __device__ __forceinline__ void signal_begin(ClusterSignal* signal) {
  asm volatile("mbarrier.init.shared.b64 [%0], 1;" ::"r"(shared_address(signal)) : "memory");
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

static __device__ __forceinline__ void signal_expect(ClusterSignal* signal, unsigned bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared.b64 _, [%0], %1;" ::"r"(shared_address(signal)), "r"(bytes) : "memory");
}

// round counts from 0. What was sent in it is seen afterwards: the senders are in other blocks of the cluster, so the
// acquire names that scope; without one it would be the block's own.
static __device__ __forceinline__ void signal_wait(ClusterSignal* signal, unsigned round) {
  asm volatile(
      "{\n"
      ".reg .pred over;\n"
      "again:\n"
      "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 over, [%0], %1;\n"
      "@!over bra again;\n"
      "}" ::"r"(shared_address(signal)),
      "r"(round % 2)
      : "memory");
}

// Writes to where the block of that rank keeps what this block keeps at place, and tells its signal. The value arrives
// later; the sender must not count on when.
static __device__ __forceinline__ void cluster_send(float* place, ClusterSignal* signal, unsigned rank, float value) {
  asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.b32 [%0], %1, [%2];" ::"r"(
                   cluster_address(place, rank)),
               "r"(__float_as_int(value)), "r"(cluster_address(signal, rank))
               : "memory");
}

static __device__ __forceinline__ void cluster_send(float4* place, ClusterSignal* signal, unsigned rank, float4 value) {
  asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 [%0], {%1, %2, %3, %4}, [%5];" ::"r"(
                   cluster_address(place, rank)),
               "r"(__float_as_int(value.x)), "r"(__float_as_int(value.y)), "r"(__float_as_int(value.z)),
               "r"(__float_as_int(value.w)), "r"(cluster_address(signal, rank))
               : "memory");
}

#endif

#else
#include "host_cuda.h"
#endif

constexpr unsigned WARP_THREADS = 32;
constexpr unsigned FULL_WARP = 0xffffffffu;

// What stands in the fault word's first place after report_index.
constexpr int FAULT_INDEX = 1;

static __device__ __forceinline__ float maximum(float a, float b) {
  if (a == b) return __float_as_int(a) < 0 ? b : a;
  return a > b || a != a ? a : b;
}

static __device__ __forceinline__ float minimum(float a, float b) {
  if (a == b) return __float_as_int(a) < 0 ? a : b;
  return a < b || a != a ? a : b;
}

struct Sum {
  template <typename T>
  static __device__ __forceinline__ T combine(T a, T b) {
    return a + b;
  }
};

struct Maximum {
  static __device__ __forceinline__ float combine(float a, float b) { return maximum(a, b); }
};

struct Minimum {
  static __device__ __forceinline__ float combine(float a, float b) { return minimum(a, b); }
};

// Pairs 16 lanes apart, then 8, 4, 2, 1: every lane gets the same bits, because each operation is commutative.
template <typename Operation, typename T>
static __device__ __forceinline__ T warp_reduce(T value) {
  for (unsigned offset = WARP_THREADS / 2; offset > 0; offset /= 2)
    value = Operation::combine(value, __shfl_xor_sync(FULL_WARP, value, static_cast<int>(offset)));
  return value;
}

// First within each warp, then over the warps in order. For one-dimensional blocks of whole warps, called by all of
// their threads; scratch is shared memory with one place for each warp, and may be used again right afterwards.
template <typename Operation, typename T>
static __device__ __forceinline__ T block_reduce(T value, T* scratch) {
  value = warp_reduce<Operation>(value);
  if (threadIdx.x % WARP_THREADS == 0) scratch[threadIdx.x / WARP_THREADS] = value;
  __syncthreads();
  T result = scratch[0];
  for (unsigned warp = 1; warp < blockDim.x / WARP_THREADS; warp++) result = Operation::combine(result, scratch[warp]);
  __syncthreads();
  return result;
}

template <typename T>
static __device__ __forceinline__ T warp_sum(T value) {
  return warp_reduce<Sum>(value);
}

static __device__ __forceinline__ float warp_max(float value) { return warp_reduce<Maximum>(value); }

static __device__ __forceinline__ float warp_min(float value) { return warp_reduce<Minimum>(value); }

template <typename T>
static __device__ __forceinline__ T block_sum(T value, T* scratch) {
  return block_reduce<Sum>(value, scratch);
}

static __device__ __forceinline__ float block_max(float value, float* scratch) {
  return block_reduce<Maximum>(value, scratch);
}

static __device__ __forceinline__ float block_min(float value, float* scratch) {
  return block_reduce<Minimum>(value, scratch);
}

// Leaves word that an index was not in [0, bound): fault is {code, index, bound, spare}, zero before. The first report
// stays; the kernel goes on without touching memory at that index.
static __device__ __forceinline__ void report_index(int* fault, int index, int bound) {
  if (atomicCAS(fault, 0, FAULT_INDEX) == 0) {
    fault[1] = index;
    fault[2] = bound;
  }
}
