#include "access_checks.h"

#include "cuda_status.h"
#include "fibers.h"
#include "kernel_runtime.h"
#include "kernel_signals.h"
#include "memory.h"
#include "shared_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr unsigned WARP = 32;
constexpr unsigned MOST_WARPS = 1024 / WARP;
constexpr std::size_t WORD = 4;
constexpr std::size_t ARENA_WORDS = ARENA_BYTES / WORD;

// Who touched a word, and how many barriers its warp, its block and its cluster had passed by then. Each count contains
// those of the wider barriers, so that it differs from a later one if and only if a barrier lies between. And in which
// rounds of signals: the thread had waited for so many, and sent in so many.
struct Access {
  std::uint32_t thread;
  std::uint32_t warp;
  std::uint32_t block;
  std::uint32_t cluster;
  std::uint32_t waited;
  std::uint32_t sent;
};

// The last write, and two of the reads since: of two warps if there were such.
struct Word {
  Access write;
  Access reads[2];
};

struct Range {
  std::uintptr_t start;
  std::size_t bytes;
};

bool wanted = true;
bool checking = false;

std::uintptr_t shared_begin = 0;
Word* words = nullptr;
// For each word of an arena the launch that has an array there.
std::vector<unsigned long long> owners(ARENA_WORDS);

std::uint32_t cluster_barriers = 0;
// What cluster_barriers was when the cluster began: what is older was left by another.
std::uint32_t generation = 0;
std::uint32_t block_barriers[MOST_CLUSTER_BLOCKS];
std::uint32_t warp_barriers[MOST_CLUSTER_BLOCKS][MOST_WARPS];

struct Rounds {
  std::uint32_t waited;
  std::uint32_t sent;
};

// What is sent belongs to the round, however much was sent in it before.
bool sending = false;
Rounds rounds[MOST_CLUSTER_BLOCKS * MOST_WARPS * WARP];

// Device memory that the kernel touched last, the latest first.
constexpr int RECENT = 6;
Range recent[RECENT];

const HostKernel* kernel = nullptr;
void** arguments = nullptr;
unsigned block_threads = 1;

[[noreturn]] void report(const std::string& what) { fault_in_kernel(ILLEGAL_ADDRESS, what); }

std::string verb(bool write, std::size_t bytes) {
  return std::string(write ? "writes " : "reads ") + std::to_string(bytes) + " bytes";
}

// The slot above, the place in the block below.
Access now() {
  const unsigned slot = running_thread.slot;
  const std::uint32_t linear = running_thread.number - slot * block_threads;
  const std::uint32_t block = cluster_barriers + block_barriers[slot];
  const Rounds& mine = rounds[running_thread.number];
  return {slot << 16 | linear, block + warp_barriers[slot][linear / WARP], block, cluster_barriers, mine.waited,
          sending ? mine.waited : mine.sent};
}

bool is_ordered(const Access& before, const Access& after) {
  if (before.cluster < generation || before.thread == after.thread || before.sent < after.waited) return true;
  if (before.thread >> 16 != after.thread >> 16) return before.cluster != after.cluster;
  if (before.thread / WARP != after.thread / WARP) return before.block != after.block;
  return before.warp != after.warp;
}

[[noreturn]] void report_race(const Access& other, bool other_wrote, bool write, std::size_t offset) {
  const RuntimeSection section;
  report((write ? "writes " : "reads ") + name_of_shared(offset % ARENA_BYTES) + ", which " +
         text_of_thread(other.thread >> 16, other.thread & 0xffff) + (other_wrote ? " wrote" : " read") +
         " with no barrier between");
}

void check_shared(std::size_t offset, std::size_t bytes, bool write) {
  const Access mine = now();
  if (offset / ARENA_BYTES != running_thread.slot && cluster_barriers == generation) {
    const RuntimeSection section;
    report(verb(write, bytes) + " of the shared memory of the block of rank " + std::to_string(offset / ARENA_BYTES) +
           ", of which no cluster_sync has told that it runs");
  }
  for (std::size_t at = offset / WORD; at <= (offset + bytes - 1) / WORD; at++) {
    if (owners[at % ARENA_WORDS] != host_launch) {
      const RuntimeSection section;
      report(verb(write, bytes) + " of shared memory " + name_of_shared(offset % ARENA_BYTES));
    }
    Word& word = words[at];
    if (!is_ordered(word.write, mine)) report_race(word.write, true, write, at * WORD);
    if (write) {
      for (const Access& read : word.reads) {
        if (!is_ordered(read, mine)) report_race(read, false, write, at * WORD);
      }
      word.write = mine;
    } else if (is_ordered(word.reads[0], mine)) {
      word.reads[0] = mine;
    } else if (is_ordered(word.reads[1], mine) || word.reads[1].thread / WARP == word.reads[0].thread / WARP) {
      word.reads[1] = mine;
    }
  }
}

bool is_between(std::uintptr_t address, const char* begin, const char* end) {
  return address - reinterpret_cast<std::uintptr_t>(begin) < static_cast<std::size_t>(end - begin);
}

bool is_the_threads_own(std::uintptr_t address) {
  const auto stack = reinterpret_cast<std::uintptr_t>(running_thread.stack->bottom);
  if (address - stack < running_thread.stack->bytes) return true;
  if (is_between(address, kernel->image, kernel->image_end)) return true;
  const std::size_t argument_count = kernel->parameters.size();
  if (address - reinterpret_cast<std::uintptr_t>(arguments) < argument_count * sizeof(void*)) return true;
  for (std::size_t i = 0; i < argument_count; i++) {
    if (address - reinterpret_cast<std::uintptr_t>(arguments[i]) < sizeof(std::uint64_t)) return true;
  }
  return false;
}

// Neither in shared memory nor in one of the recent ranges.
void check_elsewhere(std::uintptr_t address, std::size_t bytes, bool write) {
  if (in_runtime != 0 || is_the_threads_own(address)) return;
  const RuntimeSection section;
  Range found{};
  if (!find_allocation(address, &found.start, &found.bytes) || address - found.start + bytes > found.bytes)
    report(verb(write, bytes) + " at " + describe_address(address));
  for (int i = RECENT - 1; i > 0; i--) recent[i] = recent[i - 1];
  recent[0] = found;
}

void check(const void* pointer, std::size_t bytes, bool write) {
  if (!checking) return;
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  // The built-in variables.
  if (is_between(address, &__ehdr_start, &_end)) return;
  if (address - shared_begin < MOST_CLUSTER_BLOCKS * ARENA_BYTES) {
    if (in_runtime == 0) check_shared(address - shared_begin, bytes, write);
    return;
  }
  for (int i = 0; i < RECENT; i++) {
    if (address - recent[i].start >= recent[i].bytes || address - recent[i].start + bytes > recent[i].bytes) continue;
    if (i > 0) std::swap(recent[i], recent[i - 1]);
    return;
  }
  check_elsewhere(address, bytes, write);
}

}  // namespace

void set_access_checks(bool on) { wanted = on; }

void begin_access_checks(const HostKernel& begun, unsigned threads, void** values) {
  checking = wanted;
  kernel = &begun;
  block_threads = threads;
  arguments = values;
  for (Range& range : recent) range = {};
}

void end_access_checks() { checking = false; }

void check_new_cluster(unsigned blocks) {
  if (words == nullptr) {
    const std::size_t bytes = MOST_CLUSTER_BLOCKS * ARENA_WORDS * sizeof(Word);
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      std::fprintf(stderr, "driver double: no memory for what is known of shared memory\n");
      std::abort();
    }
    words = static_cast<Word*>(memory);
  }
  shared_begin = reinterpret_cast<std::uintptr_t>(shared_memory_of(0));
  generation = ++cluster_barriers;
  for (unsigned slot = 0; slot < blocks; slot++) {
    block_barriers[slot] = 0;
    for (std::uint32_t& count : warp_barriers[slot]) count = 0;
  }
  std::fill_n(rounds, blocks * block_threads, Rounds{});
  sending = false;
}

void check_shared_array(std::size_t offset, std::size_t bytes) {
  for (std::size_t at = offset / WORD; at * WORD < offset + bytes; at++) owners[at] = host_launch;
}

void check_warp_barrier(unsigned slot, std::uint32_t first_thread) {
  warp_barriers[slot][(first_thread - slot * block_threads) / WARP]++;
}

void check_block_barrier(unsigned slot) { block_barriers[slot]++; }

void check_cluster_barrier() { cluster_barriers++; }

void check_signal_waited() {
  Rounds& mine = rounds[running_thread.number];
  mine.waited++;
  mine.sent = mine.waited;
}

void check_signal_sending() { sending = true; }

void check_signal_sent() {
  sending = false;
  Rounds& mine = rounds[running_thread.number];
  mine.sent = mine.waited + 1;
}

// ---- What -fsanitize=thread calls ----

#define HOOK extern "C" __attribute__((visibility("protected")))
#define HOOKS(bytes)                                                                        \
  HOOK void __tsan_read##bytes(void* at) { check(at, bytes, false); }                       \
  HOOK void __tsan_write##bytes(void* at) { check(at, bytes, true); }                       \
  HOOK void __tsan_unaligned_read##bytes(void* at) { check(at, bytes, false); }             \
  HOOK void __tsan_unaligned_write##bytes(void* at) { check(at, bytes, true); }
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

HOOK void __tsan_read_range(void* at, std::size_t bytes) { check(at, bytes, false); }
HOOK void __tsan_write_range(void* at, std::size_t bytes) { check(at, bytes, true); }
HOOK void __tsan_init() {}
HOOK void __tsan_func_entry(void*) {}
HOOK void __tsan_func_exit() {}

// ---- What -fsanitize=bounds,alignment calls where it found something ----

#if !FIBERS_UNDER_ASAN

namespace {

// As the compiler lays them out.
struct SourcePlace {
  const char* file;
  std::uint32_t line;
  std::uint32_t column;
};

struct TypeOfUse {
  std::uint16_t kind;
  std::uint16_t info;
  char name[1];
};

struct TypeMismatch {
  SourcePlace place;
  const TypeOfUse* type;
  unsigned char alignment_bits;
  unsigned char use;
};

}  // namespace

HOOK void __ubsan_handle_out_of_bounds_abort(void*, std::size_t index) {
  const RuntimeSection section;
  report("an index out of the bounds of a local array: " + std::to_string(static_cast<std::ptrdiff_t>(index)));
}

HOOK void __ubsan_handle_type_mismatch_v1_abort(const TypeMismatch* found, std::size_t address) {
  const RuntimeSection section;
  fault_in_kernel(MISALIGNED_ADDRESS, "takes " + describe_address(address) + " for " + found->type->name +
                                          ", which begins at a multiple of " +
                                          std::to_string(1u << found->alignment_bits) + " bytes");
}

#endif
