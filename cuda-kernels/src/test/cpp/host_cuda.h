// The host twin of CUDA's language for kernels: what a .cu file sees in the place of nvcc's built-in names when g++
// compiles it for the driver double. device.cuh includes it; the functions that wait for other threads are in
// kernel_runtime.cpp.
//
// One kernel runs at a time and all of its threads share one thread of the host, so the atomics are plain and the
// built-in variables are globals, which whoever switches threads sets.
#pragma once

#include <math.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
// BuildDriverDouble reads these two from the source.
#define __launch_bounds__(...)
#define __cluster_dims__(...)

struct uint3 {
  unsigned x, y, z;
};

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};

#define HOST_VECTORS(type, name)                                                                        \
  struct alignas(2 * sizeof(type)) name##2 {                                                            \
    type x, y;                                                                                          \
  };                                                                                                    \
  struct alignas(sizeof(type) > 4 ? 16 : 4 * sizeof(type)) name##4 {                                    \
    type x, y, z, w;                                                                                    \
  };                                                                                                    \
  static inline name##2 make_##name##2(type x, type y) { return {x, y}; }                               \
  static inline name##4 make_##name##4(type x, type y, type z, type w) { return {x, y, z, w}; }
HOST_VECTORS(float, float)
HOST_VECTORS(double, double)
HOST_VECTORS(int, int)
HOST_VECTORS(unsigned, uint)
#undef HOST_VECTORS

// All of one library: no detour through its table of symbols. Kernels in a library of their own
// (impromptu_double_replace_kernels) find what is declared here in the double's.
#ifdef KERNELS_APART
#pragma GCC visibility push(default)
#else
#pragma GCC visibility push(protected)
#endif

extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
constexpr int warpSize = 32;

// Where in the source a thread waits, for messages and to tell one barrier from another.
struct HostPlace {
  const char* file;
  int line;
};
#define HOST_HERE (HostPlace{__FILE__, __LINE__})

// A static shared array: each launch gives it its place in the memory of a block when a thread first comes by.
struct HostShared {
  const char* name;
  HostPlace where;
  std::size_t bytes;
  std::size_t offset;
  unsigned long long launch;
};

extern unsigned long long host_launch;
extern unsigned char* host_shared_memory;
void host_place_shared(HostShared* array);

static inline void* host_shared(HostShared* array) {
  if (array->launch != host_launch) host_place_shared(array);
  return host_shared_memory + array->offset;
}

#define SHARED(type, name, count)                                                                          \
  static HostShared host_shared_##name{#name, HOST_HERE, sizeof(type) * static_cast<std::size_t>(count), 0, 0}; \
  type* const name = static_cast<type*>(host_shared(&host_shared_##name))

void* host_dynamic_shared(HostPlace where);
#define DYNAMIC_SHARED(type, name) type* const name = static_cast<type*>(host_dynamic_shared(HOST_HERE))

void host_syncthreads(HostPlace where);
#define __syncthreads() host_syncthreads(HOST_HERE)

// The warp's exchanges, on eight bytes of any value.
enum class HostExchange { SYNC, INDEX, UP, DOWN, XOR, BALLOT, ANY, ALL };
std::uint64_t host_exchange(HostExchange kind, unsigned mask, std::uint64_t value, int operand, int width,
                            HostPlace where);

template <typename T>
static inline T host_shuffle(HostPlace where, HostExchange kind, unsigned mask, T value, int operand,
                             int width = warpSize) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "CUDA shuffles values of four or eight bytes");
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = host_exchange(kind, mask, bits, operand, width, where);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

static inline void host_syncwarp(HostPlace where, unsigned mask = 0xffffffffu) {
  host_exchange(HostExchange::SYNC, mask, 0, 0, warpSize, where);
}

static inline unsigned host_vote(HostPlace where, HostExchange kind, unsigned mask, int predicate) {
  return static_cast<unsigned>(host_exchange(kind, mask, predicate != 0, 0, warpSize, where));
}

#define __syncwarp(...) host_syncwarp(HOST_HERE __VA_OPT__(, ) __VA_ARGS__)
#define __shfl_sync(...) host_shuffle(HOST_HERE, HostExchange::INDEX, __VA_ARGS__)
#define __shfl_up_sync(...) host_shuffle(HOST_HERE, HostExchange::UP, __VA_ARGS__)
#define __shfl_down_sync(...) host_shuffle(HOST_HERE, HostExchange::DOWN, __VA_ARGS__)
#define __shfl_xor_sync(...) host_shuffle(HOST_HERE, HostExchange::XOR, __VA_ARGS__)
#define __ballot_sync(mask, predicate) host_vote(HOST_HERE, HostExchange::BALLOT, mask, predicate)
#define __any_sync(mask, predicate) static_cast<int>(host_vote(HOST_HERE, HostExchange::ANY, mask, predicate))
#define __all_sync(mask, predicate) static_cast<int>(host_vote(HOST_HERE, HostExchange::ALL, mask, predicate))

unsigned cluster_rank();
unsigned cluster_size();
void host_cluster_sync(HostPlace where);
#define cluster_sync() host_cluster_sync(HOST_HERE)
void* host_cluster_map(const void* pointer, unsigned rank, HostPlace where);

template <typename T>
static inline T* host_cluster_map_as(T* pointer, unsigned rank, HostPlace where) {
  return static_cast<T*>(host_cluster_map(pointer, rank, where));
}
#define cluster_map(pointer, rank) host_cluster_map_as(pointer, rank, HOST_HERE)

// Of the size that CUDA's has. signal_begin sets all of it; before, what lies there is poison.
struct ClusterSignal {
  // Bytes that this round still expects; negative where they came before they were expected.
  std::int32_t missing;
  std::uint16_t round;
  std::uint8_t expects;
  std::uint8_t begun;
};

void host_signal_begin(ClusterSignal* signal, HostPlace where);
void host_signal_expect(ClusterSignal* signal, unsigned bytes, HostPlace where);
void host_signal_wait(ClusterSignal* signal, unsigned round, HostPlace where);
void host_signal_sending();
void host_signal_sent(ClusterSignal* signal, unsigned rank, std::size_t bytes, HostPlace where);
#define signal_begin(signal) host_signal_begin(signal, HOST_HERE)
#define signal_expect(signal, bytes) host_signal_expect(signal, bytes, HOST_HERE)
#define signal_wait(signal, round) host_signal_wait(signal, round, HOST_HERE)

// At once, where a chip takes its time: that the sender must not count on it only a chip can show.
template <typename T>
static inline void host_cluster_send(T* place, ClusterSignal* signal, unsigned rank, T value, HostPlace where) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 16, "CUDA sends four or sixteen bytes");
  T* const there = host_cluster_map_as(place, rank, where);
  host_signal_sending();
  *there = value;
  host_signal_sent(signal, rank, sizeof(T), where);
}
#define cluster_send(place, signal, rank, value) host_cluster_send(place, signal, rank, value, HOST_HERE)

[[noreturn]] void host_trap(HostPlace where);
#define __trap() host_trap(HOST_HERE)

#pragma GCC visibility pop

// Memory ordering is what one thread of the host cannot show.
static inline void __threadfence() {}
static inline void __threadfence_block() {}

template <typename T>
static inline T __ldg(const T* pointer) {
  return *pointer;
}

// No atomics on floats: their sums would depend on the order of the threads. They race with nobody, so the checks of
// accesses (access_checks.h) must not see what they do.
#define HOST_ATOMIC __attribute__((noinline, unused, no_sanitize_thread)) static
#define HOST_ATOMICS(type)                                                    \
  HOST_ATOMIC type atomicAdd(type* pointer, type value) {                   \
    const type old = *pointer;                                                \
    *pointer = old + value;                                                   \
    return old;                                                               \
  }                                                                           \
  HOST_ATOMIC type atomicExch(type* pointer, type value) {                  \
    const type old = *pointer;                                                \
    *pointer = value;                                                         \
    return old;                                                               \
  }                                                                           \
  HOST_ATOMIC type atomicCAS(type* pointer, type compare, type value) {     \
    const type old = *pointer;                                                \
    if (old == compare) *pointer = value;                                     \
    return old;                                                               \
  }                                                                           \
  HOST_ATOMIC type atomicMax(type* pointer, type value) {                   \
    const type old = *pointer;                                                \
    if (value > old) *pointer = value;                                        \
    return old;                                                               \
  }                                                                           \
  HOST_ATOMIC type atomicMin(type* pointer, type value) {                   \
    const type old = *pointer;                                                \
    if (value < old) *pointer = value;                                        \
    return old;                                                               \
  }
HOST_ATOMICS(int)
HOST_ATOMICS(unsigned)
HOST_ATOMICS(unsigned long long)
#undef HOST_ATOMICS

template <typename To, typename From>
static inline To host_bits(From value) {
  static_assert(sizeof(To) == sizeof(From), "the same number of bits");
  To result;
  std::memcpy(&result, &value, sizeof(To));
  return result;
}
static inline int __float_as_int(float value) { return host_bits<int>(value); }
static inline unsigned __float_as_uint(float value) { return host_bits<unsigned>(value); }
static inline float __int_as_float(int bits) { return host_bits<float>(bits); }
static inline float __uint_as_float(unsigned bits) { return host_bits<float>(bits); }

static inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<std::uint64_t>(a) * b) >> 32);
}
static inline int __mulhi(int a, int b) { return static_cast<int>((static_cast<std::int64_t>(a) * b) >> 32); }
static inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
static inline int __clz(int bits) { return bits == 0 ? 32 : __builtin_clz(static_cast<unsigned>(bits)); }
static inline int __ffs(int bits) { return __builtin_ffs(bits); }

// Rounded on their own: nvcc does not contract these into a fused multiply-add, and g++ was told to contract nothing.
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline float rsqrtf(float a) { return 1.0f / sqrtf(a); }

#define HOST_MIN_MAX(type)                                          \
  static inline type min(type a, type b) { return b < a ? b : a; }  \
  static inline type max(type a, type b) { return a < b ? b : a; }
HOST_MIN_MAX(int)
HOST_MIN_MAX(unsigned)
HOST_MIN_MAX(long long)
HOST_MIN_MAX(unsigned long long)
#undef HOST_MIN_MAX
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
