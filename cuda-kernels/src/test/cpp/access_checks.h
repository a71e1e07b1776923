// Looks at each access that a kernel makes, while it makes it: is it inside of live device memory or of a shared array,
// and does it race for a word of shared memory with another thread?
//
// BuildDriverDouble compiles kernels with -fsanitize=thread, which puts a call of __tsan_read4 or a relative before each
// access; the functions of these names are here, and that sanitizer's own library is not linked. So are those that
// -fsanitize=bounds,alignment calls where an index leaves a local array, or where an address is no multiple of what the
// type at it needs, as a chip refuses it. Two accesses to a word,
// one of them a write, race unless a barrier of all threads concerned stands between: __syncwarp of the whole warp within
// a warp, __syncthreads within a block, cluster_sync within a cluster. In what order the threads happened to run makes no
// difference, so a missing barrier shows in every schedule. Shuffles and votes order nothing, as CUDA has it. Another
// block's shared memory may be touched from the first cluster_sync on, which tells that the block runs.
//
// Signals order too: what a thread touched before its sends of a round comes before what another touches after it has
// waited for that round. Counted for each thread: the rounds it has waited for, and whether it has sent since. That every
// thread sends in every round, of one exchange that all blocks take part in, is taken for granted.
#pragma once

#include "kernels.h"

#include <cstddef>
#include <cstdint>

// On unless a test says otherwise.
void set_access_checks(bool wanted);

// A kernel begins, whose blocks have this many threads; and ends.
void begin_access_checks(const HostKernel& kernel, unsigned block_threads, void** arguments);
void end_access_checks();

// A new cluster of so many blocks: nobody has touched its shared memory.
void check_new_cluster(unsigned blocks);

// A static or dynamic array in shared memory, the same in each block: what lies between arrays nobody may touch.
void check_shared_array(std::size_t offset, std::size_t bytes);

// All threads concerned have come to a barrier.
void check_warp_barrier(unsigned slot, std::uint32_t first_thread_of_warp);
void check_block_barrier(unsigned slot);
void check_cluster_barrier();
// The running thread has waited for a round of a signal; begins to write what it sends; has sent it.
void check_signal_waited();
void check_signal_sending();
void check_signal_sent();
