// Small kernels for the tests of the driver double: right ones that use each feature, and one for each bug that the
// double has to notice. They are no part of the library and have no PTX.
#include "device.cuh"

// ---- Right ones ----

extern "C" __global__ void test_add_one(float* x, int count) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < static_cast<unsigned>(count)) x[i] += 1;
}

// y[block] = the sum, the maximum and the minimum of the block's part of x.
extern "C" __global__ void __launch_bounds__(256) test_reductions(const float* x, float* y) {
  SHARED(float, scratch, 8);
  const float value = x[blockIdx.x * blockDim.x + threadIdx.x];
  const float sum = block_sum(value, scratch);
  const float largest = block_max(value, scratch);
  const float smallest = block_min(value, scratch);
  // The last thread: every one has the result.
  if (threadIdx.x == blockDim.x - 1) {
    y[3 * blockIdx.x] = sum;
    y[3 * blockIdx.x + 1] = largest;
    y[3 * blockIdx.x + 2] = smallest;
  }
}

// One warp: y[0..32) by __shfl_sync from lane 3, then up by 1, down by 1, xor 1, then the ballot of the odd lanes.
extern "C" __global__ void test_exchanges(const int* x, int* y) {
  const unsigned lane = threadIdx.x;
  const int value = x[lane];
  y[lane] = __shfl_sync(FULL_WARP, value, 3);
  y[32 + lane] = __shfl_up_sync(FULL_WARP, value, 1);
  y[64 + lane] = __shfl_down_sync(FULL_WARP, value, 1);
  y[96 + lane] = __shfl_xor_sync(FULL_WARP, value, 1);
  y[128 + lane] = static_cast<int>(__ballot_sync(FULL_WARP, lane % 2));
  __syncwarp();
  y[160 + lane] = __shfl_down_sync(FULL_WARP, value, 1, 8);
}

// Reverses each block's part through dynamic shared memory.
extern "C" __global__ void test_dynamic_shared(float* x) {
  DYNAMIC_SHARED(float, part);
  float* const mine = x + blockIdx.x * blockDim.x;
  part[threadIdx.x] = mine[threadIdx.x];
  __syncthreads();
  mine[threadIdx.x] = part[blockDim.x - 1 - threadIdx.x];
}

// Each block of a cluster adds up what the others hold, round after round.
extern "C" __global__ void __cluster_dims__(8, 1, 1) __launch_bounds__(256) test_cluster(float* y, int rounds) {
  SHARED(float, held, 512);
  float value = static_cast<float>(cluster_rank() + 1);
  for (int round = 0; round < rounds; round++) {
    float* const now = held + round % 2 * 256;
    now[threadIdx.x] = value;
    cluster_sync();
    float sum = 0;
    for (unsigned rank = 0; rank < cluster_size(); rank++) sum += cluster_map(now, rank)[threadIdx.x];
    value = sum / 8;
  }
  cluster_sync();
  y[blockIdx.x * blockDim.x + threadIdx.x] = value;
}

// Each block of a cluster adds up what all send it, round after round. expected: bytes of a round, of one block.
static __device__ void exchange_by_signals(float* y, int rounds, unsigned expected, bool waits, int copies) {
  SHARED(float, held, 512);
  SHARED(ClusterSignal, signals, 2);
  const int size = static_cast<int>(cluster_size());
  const int own = static_cast<int>(cluster_rank()) * 32 + static_cast<int>(threadIdx.x);
  if (threadIdx.x == 0) {
    for (int i = 0; i < 2; i++) {
      signal_begin(signals + i);
      signal_expect(signals + i, expected);
    }
  }
  cluster_sync();
  float value = static_cast<float>(cluster_rank() + 1);
  for (int round = 0; round < rounds; round++) {
    float* const now = held + round % copies * 256;
    for (int i = 0; i < size; i++)
      cluster_send(now + own, signals + round % 2, static_cast<unsigned>(i), value);
    if (waits) signal_wait(signals + round % 2, static_cast<unsigned>(round) / 2);
    if (threadIdx.x == 0 && round + 2 < rounds) signal_expect(signals + round % 2, expected);
    float sum = 0;
    for (int i = 0; i < size; i++) sum += now[32 * i + threadIdx.x];
    value = sum / static_cast<float>(size);
  }
  // Otherwise a block may end before it has been sent everything.
  if (!waits) cluster_sync();
  y[blockIdx.x * blockDim.x + threadIdx.x] = value;
}

extern "C" __global__ void __cluster_dims__(8, 1, 1) test_signals(float* y, int rounds) {
  exchange_by_signals(y, rounds, 8 * 32 * 4, true, 2);
}

// Sixteen bytes at once.
extern "C" __global__ void __cluster_dims__(2, 1, 1) test_sends_of_four(float* y) {
  SHARED(float, held, 128);
  SHARED(ClusterSignal, signals, 1);
  if (threadIdx.x == 0) {
    signal_begin(signals);
    signal_expect(signals, 32 * 16);
  }
  cluster_sync();
  const float first = static_cast<float>(4 * threadIdx.x);
  cluster_send(reinterpret_cast<float4*>(held) + threadIdx.x, signals, 1 - cluster_rank(),
               make_float4(first, first + 1, first + 2, first + 3));
  signal_wait(signals, 0);
  for (unsigned i = threadIdx.x; i < 128; i += 32) y[blockIdx.x * 128 + i] = held[i];
}

extern "C" __global__ void test_counts(int* counts, int* fault, int bound) {
  atomicAdd(counts + threadIdx.x % 4, 1);
  if (static_cast<int>(threadIdx.x) >= bound) report_index(fault, static_cast<int>(threadIdx.x), bound);
}

// ---- Wrong ones ----

extern "C" __global__ void test_writes_at(float* x, int index) { x[index] = 1; }

extern "C" __global__ void test_reads_at(const float* x, float* y, long long index) { y[0] = x[index]; }

extern "C" __global__ void test_address_of(float* x, float** table) { table[0] = x; }

extern "C" __global__ void test_reads_four_at(const float* x, float* y, int first) {
  const float4 four = *reinterpret_cast<const float4*>(x + first);
  y[0] = four.x + four.w;
}

extern "C" __global__ void test_writes_four_at(float* y, int first) {
  *reinterpret_cast<float4*>(y + first) = make_float4(1.0f, 2.0f, 3.0f, 4.0f);
}

// Through a pointer that is no argument, so that nobody but the memory itself can know.
extern "C" __global__ void test_writes_through(float** table) { table[0][0] = 1; }

// No barrier between the write and the read.
extern "C" __global__ void test_missing_barrier(const float* x, float* y) {
  SHARED(float, part, 64);
  part[threadIdx.x] = x[threadIdx.x];
  y[threadIdx.x] = part[blockDim.x - 1 - threadIdx.x];
}

// No barrier at the end of a round: whoever runs ahead overwrites what its neighbour still reads. In ascending order
// every thread reads before its neighbour runs, so the result is right.
extern "C" __global__ void test_missing_second_barrier(const float* x, float* y, int rounds) {
  SHARED(float, part, 65);
  if (threadIdx.x == 0) part[64] = 0;
  float sum = 0;
  for (int round = 0; round < rounds; round++) {
    part[threadIdx.x] = x[threadIdx.x] + static_cast<float>(round);
    __syncthreads();
    sum += part[threadIdx.x + 1];
  }
  y[threadIdx.x] = sum;
}

// Reads what the thread at that distance wrote, behind a barrier of the warp alone.
extern "C" __global__ void test_warp_barrier(const float* x, float* y, int distance) {
  SHARED(float, part, 64);
  part[threadIdx.x] = x[threadIdx.x];
  __syncwarp();
  y[threadIdx.x] = part[threadIdx.x ^ distance];
}

// A shuffle makes lanes meet, but what one wrote to memory before it another need not see after it.
extern "C" __global__ void test_shuffle_for_a_barrier(const float* x, float* y) {
  SHARED(float, part, 32);
  part[threadIdx.x] = x[threadIdx.x];
  const float sum = x[threadIdx.x] + __shfl_xor_sync(FULL_WARP, x[threadIdx.x], 1);
  y[threadIdx.x] = sum + part[threadIdx.x ^ 1];
}

// A barrier of its block lets no thread see what another block wrote.
extern "C" __global__ void __cluster_dims__(2, 1, 1) test_block_barrier_for_a_cluster(float* y) {
  SHARED(float, held, 32);
  cluster_sync();
  held[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = cluster_map(held, 1 - cluster_rank())[threadIdx.x];
  cluster_sync();
}

extern "C" __global__ void __cluster_dims__(8, 1, 1) test_signal_of_a_byte_too_many(float* y) {
  exchange_by_signals(y, 1, 8 * 32 * 4 + 1, true, 2);
}

extern "C" __global__ void __cluster_dims__(8, 1, 1) test_signal_not_waited_for(float* y) {
  exchange_by_signals(y, 1, 8 * 32 * 4, false, 2);
}

// What is sent in a round lands where slower threads still read that of the one before.
extern "C" __global__ void __cluster_dims__(8, 1, 1) test_signals_with_one_copy(float* y) {
  exchange_by_signals(y, 2, 8 * 32 * 4, true, 1);
}

extern "C" __global__ void __cluster_dims__(2, 1, 1) test_signal_not_begun(float* y) {
  SHARED(float, held, 32);
  SHARED(ClusterSignal, signals, 1);
  cluster_sync();
  cluster_send(held + threadIdx.x, signals, 1 - cluster_rank(), 1.0f);
  y[threadIdx.x] = 1;
}

extern "C" __global__ void __cluster_dims__(2, 1, 1) test_signal_expected_twice(float* y) {
  SHARED(ClusterSignal, signals, 1);
  if (threadIdx.x == 0) {
    signal_begin(signals);
    signal_expect(signals, 4);
    signal_expect(signals, 4);
  }
  y[threadIdx.x] = 1;
}

// Writes into another block, which need not run yet.
extern "C" __global__ void __cluster_dims__(2, 1, 1) test_block_that_may_not_run(float* y) {
  SHARED(float, held, 32);
  cluster_map(held, 1 - cluster_rank())[threadIdx.x] = 1;
  cluster_sync();
  y[threadIdx.x] = held[threadIdx.x];
}

extern "C" __global__ void test_half_a_barrier(float* x) {
  if (threadIdx.x < blockDim.x / 2) __syncthreads();
  x[threadIdx.x] = 1;
}

extern "C" __global__ void test_two_barriers(float* x) {
  if (threadIdx.x < blockDim.x / 2) {
    __syncthreads();
  } else {
    __syncthreads();
  }
  x[threadIdx.x] = 1;
}

extern "C" __global__ void test_diverged_shuffle(int* x) {
  if (threadIdx.x < 16) x[threadIdx.x] = __shfl_xor_sync(FULL_WARP, x[threadIdx.x], 1);
  __syncthreads();
}

extern "C" __global__ void test_two_shuffles(int* x) {
  int value = x[threadIdx.x];
  if (threadIdx.x < 16) {
    value = __shfl_xor_sync(FULL_WARP, value, 1);
  } else {
    value = __shfl_xor_sync(FULL_WARP, value, 2);
  }
  x[threadIdx.x] = value;
}

extern "C" __global__ void test_shuffle_of_ended_lane(int* x) {
  if (threadIdx.x == 5) return;
  x[threadIdx.x] = __shfl_xor_sync(FULL_WARP, x[threadIdx.x], 1);
}

extern "C" __global__ void test_shared_out_of_bounds(float* x, int index) {
  SHARED(float, narrow, 10);
  narrow[index] = 1;
  x[0] = narrow[0];
}

extern "C" __global__ void test_unwritten_shared(float* x) {
  SHARED(float, part, 64);
  if (threadIdx.x != 7) part[threadIdx.x] = 1;
  __syncthreads();
  x[threadIdx.x] = part[threadIdx.x];
}

// One block of the cluster ends while another still reads its memory.
extern "C" __global__ void __cluster_dims__(2, 1, 1) test_cluster_ends_early(float* y) {
  SHARED(float, held, 32);
  held[threadIdx.x] = 1;
  float* const other = cluster_map(held, 1 - cluster_rank());
  cluster_sync();
  // Block 0 waits; block 1 does not wait for block 0.
  if (cluster_rank() == 0) __syncthreads();
  if (cluster_rank() == 0) y[threadIdx.x] = other[threadIdx.x];
}

extern "C" __global__ void __cluster_dims__(2, 1, 1) test_cluster_rank_out_of_range(float* y) {
  SHARED(float, held, 32);
  held[threadIdx.x] = 1;
  cluster_sync();
  y[threadIdx.x] = cluster_map(held, 2)[threadIdx.x];
}

extern "C" __global__ void __cluster_dims__(2, 1, 1) test_half_a_cluster_barrier(float* y) {
  if (cluster_rank() == 0) cluster_sync();
  y[threadIdx.x] = 1;
}

extern "C" __global__ void test_endless(const volatile int* flag) {
  while (*flag == 0) {
  }
}

extern "C" __global__ void test_endless_barriers(const volatile int* flag) {
  while (*flag == 0) __syncthreads();
}

extern "C" __global__ void test_divides(int* x, int by) { x[0] = x[1] / by; }

extern "C" __global__ void test_traps(int* x) {
  if (x[0] == 1) __trap();
}

extern "C" __global__ void test_much_local_memory(float* x, int index) {
  volatile float local[100000];
  local[index] = 1;
  x[0] = local[index];
}

extern "C" __global__ void test_local_array(float* x, int index) {
  float local[4] = {x[0], x[0], x[0], x[0]};
  local[index] = 1;
  for (int i = 0; i < 4; i++) x[0] += local[i];
}
