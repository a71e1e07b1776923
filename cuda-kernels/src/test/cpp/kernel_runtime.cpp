#include "kernel_runtime.h"

#include "access_checks.h"
#include "cuda_status.h"
#include "fibers.h"
#include "host_cuda.h"
#include "kernel_signals.h"
#include "kernel_text.h"
#include "kernel_threads.h"
#include "shared_memory.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;
RunningThread running_thread;

namespace {

constexpr std::uint32_t NOBODY = 0xffffffffu;
constexpr unsigned LANES = 32;

bool same(HostPlace a, HostPlace b) { return a.line == b.line && a.file == b.file; }

// The threads of one cluster, or of one block where there are no clusters, while they run. Threads are numbered through
// the cluster: block by block in the order of cluster_rank, x fastest.
struct Run {
  const HostKernel* kernel;
  void** arguments;
  FiberContext main;
  KernelFault fault;

  unsigned cluster[3];
  unsigned block_count;
  std::uint32_t block_threads;
  std::uint32_t all_threads;
  unsigned warps_per_block;

  std::vector<Waiting> waiting;
  std::vector<Phase> phase;
  std::vector<Warp> warps;
  std::vector<Block> blocks;
  unsigned cluster_arrived;
  HostPlace cluster_where;
  std::uint32_t cluster_first;
  std::uint32_t ended;

  // Threads not started yet, in this order (ascending where it is not in use).
  std::vector<std::uint32_t> order;
  std::uint32_t started;
  uint3 next_index;
  // A ring of the threads that may go on.
  std::vector<std::uint32_t> ready;
  std::uint32_t ready_head;
  std::uint32_t ready_count;
  std::vector<std::uint32_t> scratch;
};

Run run;

std::string here(std::uint32_t thread, const uint3& index) {
  return "kernel " + std::string(run.kernel->name) + ", block " + text(run.blocks[thread / run.block_threads].index) +
         ", thread " + text(index) + ": ";
}

uint3 index_of(std::uint32_t thread) {
  const std::uint32_t linear = thread % run.block_threads;
  return {linear % blockDim.x, linear / blockDim.x % blockDim.y, linear / blockDim.x / blockDim.y};
}

[[noreturn]] void leave_kernel(int status, const std::string& what) {
  run.fault = {status, what};
  FiberContext abandoned = running_fiber(running_thread.stack);
  switch_fiber(&abandoned, &run.main);
  __builtin_unreachable();
}

[[noreturn]] void fault_here(int status, const std::string& what) {
  leave_kernel(status, here(running_thread.number, threadIdx) + what);
}

void push(std::uint32_t thread) {
  run.phase[thread] = Phase::READY;
  run.ready[(run.ready_head + run.ready_count++) & (run.ready.size() - 1)] = thread;
}

void push_arranged(std::uint32_t from, std::uint32_t count) {
  if (kernel_schedule() == 0) {
    for (std::uint32_t i = 0; i < count; i++) push(from + i);
    return;
  }
  arrange_threads(from, count, run.scratch);
  for (const std::uint32_t thread : run.scratch) push(thread);
}

void enter_block(unsigned slot) {
  running_thread.slot = slot;
  blockIdx = run.blocks[slot].index;
  host_shared_memory = shared_memory_of(slot);
}

void begin_thread(std::uint32_t thread) {
  running_thread.number = thread;
  if (kernel_schedule() == 0) {
    // The next in the row: no division.
    threadIdx = run.next_index;
    if (++run.next_index.x == blockDim.x) {
      run.next_index.x = 0;
      if (++run.next_index.y == blockDim.y) {
        run.next_index.y = 0;
        if (++run.next_index.z == blockDim.z) run.next_index.z = 0;
      }
    }
  } else {
    threadIdx = index_of(thread);
  }
  if (run.block_count > 1) {
    const unsigned slot = thread / run.block_threads;
    if (slot != running_thread.slot) enter_block(slot);
  }
}

bool warp_lane_exists(std::uint32_t first_thread, unsigned lane) {
  return first_thread % run.block_threads + lane < run.block_threads;
}

// Gives every lane that arrived what it asked for.
void complete_exchange(std::uint32_t first_thread, const Exchange& exchange) {
  if (exchange.kind == HostExchange::SYNC && exchange.mask == 0xffffffffu)
    check_warp_barrier(first_thread / run.block_threads, first_thread);
  std::uint64_t vote = exchange.kind == HostExchange::ALL ? 1 : 0;
  for (unsigned lane = 0; lane < LANES; lane++) {
    if ((exchange.arrived >> lane & 1) == 0) continue;
    const bool yes = run.waiting[first_thread + lane].value != 0;
    if (exchange.kind == HostExchange::BALLOT && yes) vote |= std::uint64_t{1} << lane;
    if (exchange.kind == HostExchange::ANY && yes) vote = 1;
    if (exchange.kind == HostExchange::ALL && !yes) vote = 0;
  }
  std::uint64_t results[LANES];
  for (unsigned lane = 0; lane < LANES; lane++) {
    if ((exchange.arrived >> lane & 1) == 0) continue;
    const Waiting& asks = run.waiting[first_thread + lane];
    const auto width = static_cast<unsigned>(asks.width);
    const unsigned base = lane & ~(width - 1);
    const auto operand = static_cast<unsigned>(asks.operand);
    unsigned from = lane;
    switch (exchange.kind) {
      case HostExchange::INDEX: from = base + (operand & (width - 1)); break;
      case HostExchange::UP: from = operand <= lane - base ? lane - operand : lane; break;
      case HostExchange::DOWN: from = operand < width && lane + operand < base + width ? lane + operand : lane; break;
      case HostExchange::XOR: from = (lane ^ operand) < base + width ? lane ^ operand : lane; break;
      default: results[lane] = vote; continue;
    }
    if ((exchange.arrived >> from & 1) == 0) {
      const std::string why = !warp_lane_exists(first_thread, from) ? "is not in the block"
                              : (exchange.mask >> from & 1) == 0    ? "is not in the mask"
                                                                    : "has ended";
      leave_kernel(LAUNCH_FAILED, here(first_thread + lane, asks.index) + name_of(exchange.kind) + " (" +
                                      text(exchange.where) + ") reads lane " + std::to_string(from) + ", which " + why);
    }
    results[lane] = run.waiting[first_thread + from].value;
  }
  for (unsigned lane = 0; lane < LANES; lane++) {
    if (exchange.arrived >> lane & 1) run.waiting[first_thread + lane].value = results[lane];
  }
}

// Lanes that have ended are not waited for. Found out only when nothing else can go on.
bool complete_with_ended_lanes() {
  bool progress = false;
  for (std::size_t w = 0; w < run.warps.size(); w++) {
    auto& open = run.warps[w].open;
    const auto first =
        static_cast<std::uint32_t>(w / run.warps_per_block * run.block_threads + w % run.warps_per_block * LANES);
    for (std::size_t i = 0; i < open.size();) {
      unsigned expected = 0;
      for (unsigned lane = 0; lane < LANES; lane++) {
        if ((open[i].mask >> lane & 1) && warp_lane_exists(first, lane) && run.phase[first + lane] != Phase::ENDED)
          expected |= 1u << lane;
      }
      if (expected != open[i].arrived) {
        i++;
        continue;
      }
      const Exchange exchange = open[i];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
      complete_exchange(first, exchange);
      for (unsigned lane = 0; lane < LANES; lane++) {
        if (exchange.arrived >> lane & 1) push(first + lane);
      }
      progress = true;
    }
  }
  return progress;
}

std::string standing(std::uint32_t thread) {
  switch (run.phase[thread]) {
    case Phase::AT_BARRIER: return "waits at __syncthreads (" + text(run.waiting[thread].where) + ")";
    case Phase::AT_CLUSTER_BARRIER: return "waits at cluster_sync (" + text(run.waiting[thread].where) + ")";
    case Phase::AT_SIGNAL: return "waits at signal_wait (" + text(run.waiting[thread].where) + ")";
    case Phase::AT_EXCHANGE:
      return std::string("waits at ") + name_of(run.waiting[thread].kind) + " (" + text(run.waiting[thread].where) + ")";
    default: return "has ended";
  }
}

// No thread can go on: says who waits for whom.
[[noreturn]] void report_stuck() {
  std::uint32_t waits = NOBODY;
  for (std::uint32_t t = 0; t < run.all_threads && waits == NOBODY; t++) {
    if (run.phase[t] != Phase::ENDED) waits = t;
  }
  const Phase phase = run.phase[waits];
  if (phase == Phase::AT_SIGNAL) {
    const auto* signal = reinterpret_cast<const ClusterSignal*>(run.waiting[waits].value);
    leave_kernel(LAUNCH_FAILED, here(waits, run.waiting[waits].index) + standing(waits) + missing_of(*signal));
  }
  std::uint32_t from = 0;
  std::uint32_t to = run.all_threads;
  if (phase != Phase::AT_CLUSTER_BARRIER) {
    from = waits / run.block_threads * run.block_threads;
    to = from + run.block_threads;
  }
  if (phase == Phase::AT_EXCHANGE) {
    from += (waits - from) / LANES * LANES;
    to = std::min(to, from + LANES);
  }
  std::uint32_t together = 0;
  std::uint32_t missing = NOBODY;
  for (std::uint32_t t = from; t < to; t++) {
    if (run.phase[t] == phase && same(run.waiting[t].where, run.waiting[waits].where)) {
      together++;
    } else if (missing == NOBODY || (run.phase[missing] == Phase::ENDED && run.phase[t] != Phase::ENDED)) {
      missing = t;
    }
  }
  const char* group = phase == Phase::AT_CLUSTER_BARRIER ? "cluster" : phase == Phase::AT_BARRIER ? "block" : "warp";
  std::string what = here(waits, run.waiting[waits].index) + standing(waits) + " with " + std::to_string(together) +
                     " of the " + std::to_string(to - from) + " threads of its " + group;
  if (missing != NOBODY) {
    what += ", but " + text_of_thread(missing / run.block_threads, missing % run.block_threads) + " " + standing(missing);
  }
  leave_kernel(LAUNCH_FAILED, what);
}

// Who runs next; nobody once all have ended.
std::uint32_t next_thread() {
  if (watchdog_fired()) leave_kernel(LAUNCH_TIMEOUT, here(running_thread.number, threadIdx) + "the kernel runs for too long");
  for (;;) {
    const bool unstarted = run.started < run.all_threads;
    if (unstarted && (run.ready_count == 0 || begins_before_others_go_on())) {
      const std::uint32_t position = run.started++;
      return kernel_schedule() == 0 ? position : run.order[position];
    }
    if (run.ready_count > 0) {
      const std::uint32_t thread = run.ready[run.ready_head & (run.ready.size() - 1)];
      run.ready_head++;
      run.ready_count--;
      return thread;
    }
    if (run.ended == run.all_threads) return NOBODY;
    if (!complete_with_ended_lanes()) report_stuck();
  }
}

void end_thread() {
  run.phase[running_thread.number] = Phase::ENDED;
  run.ended++;
  Block& block = run.blocks[running_thread.slot];
  if (++block.ended == run.block_threads && run.block_count > 1 && run.ended < run.all_threads) {
    const std::string damage = close_shared_memory(running_thread.slot);
    if (!damage.empty()) fault_here(ILLEGAL_ADDRESS, damage);
  }
}

void resume(FiberContext* from, std::uint32_t thread) {
  Waiting& next = run.waiting[thread];
  running_thread.number = thread;
  running_thread.stack = next.stack;
  threadIdx = next.index;
  const unsigned slot = run.block_count > 1 ? thread / run.block_threads : 0;
  if (slot != running_thread.slot) enter_block(slot);
  next.stack = nullptr;
  switch_fiber(from, &next.context);
}

// A fiber's life: runs thread after thread on one stack until one of them, having waited, needs it for itself.
void run_threads() {
  fiber_entered();
  for (;;) {
    {
      const KernelSection section;
      run.kernel->thread(run.arguments);
    }
    end_thread();
    const std::uint32_t next = next_thread();
    if (next != NOBODY && run.phase[next] == Phase::UNSTARTED) {
      begin_thread(next);
      continue;
    }
    FiberContext over = running_fiber(running_thread.stack);
    if (next == NOBODY) {
      switch_fiber(&over, &run.main);
    } else {
      release_stack(running_thread.stack);
      resume(&over, next);
    }
    __builtin_unreachable();
  }
}

// Stands still until next_thread comes back to this thread.
void let_others_run() {
  const std::uint32_t me = running_thread.number;
  const std::uint32_t next = next_thread();
  if (next == me) return;
  Waiting& mine = run.waiting[me];
  mine.stack = running_thread.stack;
  mine.context = running_fiber(running_thread.stack);
  mine.index = threadIdx;
  if (run.phase[next] != Phase::UNSTARTED) {
    resume(&mine.context, next);
    return;
  }
  FiberContext fresh;
  running_thread.stack = acquire_stack();
  prepare_fiber(&fresh, running_thread.stack, run_threads);
  begin_thread(next);
  switch_fiber(&mine.context, &fresh);
}

void note_waiting(Phase phase, HostPlace where) {
  run.phase[running_thread.number] = phase;
  Waiting& mine = run.waiting[running_thread.number];
  mine.index = threadIdx;
  mine.where = where;
}

// Everything that one cluster needs, from the memory of the one before.
void prepare_cluster(const unsigned* first_block) {
  std::memset(run.phase.data(), 0, run.all_threads * sizeof(Phase));
  for (Warp& warp : run.warps) warp.open.clear();
  unsigned slot = 0;
  for (unsigned z = 0; z < run.cluster[2]; z++)
    for (unsigned y = 0; y < run.cluster[1]; y++)
      for (unsigned x = 0; x < run.cluster[0]; x++)
        run.blocks[slot++] = Block{{first_block[0] + x, first_block[1] + y, first_block[2] + z}, 0, 0, {}, 0};
  run.cluster_arrived = 0;
  run.ended = 0;
  run.started = 0;
  run.ready_head = 0;
  run.ready_count = 0;
  run.next_index = {0, 0, 0};
  if (kernel_schedule() != 0) arrange_threads(0, run.all_threads, run.order);
  open_shared_memory(run.block_count);
  check_new_cluster(run.block_count);
  enter_block(0);
}

void run_cluster(const unsigned* first_block) {
  prepare_cluster(first_block);
  FiberContext first;
  running_thread.stack = acquire_stack();
  prepare_fiber(&first, running_thread.stack, run_threads);
  begin_thread(next_thread());
  switch_fiber(&run.main, &first);
  release_stack(running_thread.stack);
  for (unsigned slot = 0; slot < run.block_count && run.fault.status == 0; slot++) {
    const std::string damage = damage_of_shared_memory(slot);
    if (!damage.empty())
      run.fault = {ILLEGAL_ADDRESS, "kernel " + std::string(run.kernel->name) + ", block " +
                                        text(run.blocks[slot].index) + ": " + damage};
  }
  if (run.fault.status != 0) {
    for (std::uint32_t t = 0; t < run.all_threads; t++) {
      if (run.phase[t] != Phase::UNSTARTED && run.waiting[t].stack != nullptr) release_stack(run.waiting[t].stack);
    }
    for (Waiting& thread : run.waiting) thread.stack = nullptr;
  }
}

void prepare_kernel(const HostKernel& kernel, const Geometry& geometry, void** arguments) {
  run.kernel = &kernel;
  run.arguments = arguments;
  run.fault = {};
  run.main = {};
  gridDim = {geometry.grid[0], geometry.grid[1], geometry.grid[2]};
  blockDim = {geometry.block[0], geometry.block[1], geometry.block[2]};
  std::memcpy(run.cluster, kernel.cluster, sizeof(run.cluster));
  run.block_count = run.cluster[0] * run.cluster[1] * run.cluster[2];
  run.block_threads = blockDim.x * blockDim.y * blockDim.z;
  run.all_threads = run.block_count * run.block_threads;
  run.warps_per_block = (run.block_threads + LANES - 1) / LANES;
  if (run.waiting.size() < run.all_threads) run.waiting.resize(run.all_threads);
  if (run.phase.size() < run.all_threads) run.phase.resize(run.all_threads);
  run.warps.resize(static_cast<std::size_t>(run.block_count) * run.warps_per_block);
  run.blocks.resize(run.block_count);
  run.scratch.reserve(run.all_threads);
  run.order.reserve(run.all_threads);
  std::size_t ring = 1;
  while (ring < run.all_threads) ring *= 2;
  if (run.ready.size() < ring) run.ready.resize(ring);
  begin_schedule(host_launch);
}

}  // namespace

KernelFault run_kernel(const HostKernel& kernel, const Geometry& geometry, void** arguments) {
  host_launch++;
  prepare_kernel(kernel, geometry, arguments);
  plan_shared_memory(geometry.dynamic_shared);
  begin_access_checks(kernel, run.block_threads, arguments);
  const KernelSignals signals([](int status, const std::string& what) { fault_here(status, what); });

  const std::uint64_t count[3] = {geometry.grid[0] / run.cluster[0], geometry.grid[1] / run.cluster[1],
                                  geometry.grid[2] / run.cluster[2]};
  const std::uint64_t clusters = count[0] * count[1] * count[2];
  const ClusterOrder order = cluster_order(clusters);
  std::uint64_t cluster = order.start;
  for (std::uint64_t i = 0; i < clusters && run.fault.status == 0; i++) {
    const unsigned first[3] = {static_cast<unsigned>(cluster % count[0]) * run.cluster[0],
                               static_cast<unsigned>(cluster / count[0] % count[1]) * run.cluster[1],
                               static_cast<unsigned>(cluster / count[0] / count[1]) * run.cluster[2]};
    run_cluster(first);
    cluster = (cluster + order.stride) % clusters;
  }
  end_access_checks();
  return run.fault;
}

void fault_in_kernel(int status, const std::string& what) {
  const RuntimeSection section;
  fault_here(status, what);
}

std::string text_of_thread(unsigned slot, std::uint32_t linear) {
  const std::string thread = "thread " + text(index_of(slot * run.block_threads + linear));
  return run.block_count == 1 ? thread : thread + " of block " + text(run.blocks[slot].index);
}

void host_syncthreads(HostPlace where) {
  const RuntimeSection section;
  Block& block = run.blocks[running_thread.slot];
  if (block.arrived == 0) {
    block.where = where;
    block.first = running_thread.number;
  } else if (!same(block.where, where)) {
    fault_here(LAUNCH_FAILED, "waits at __syncthreads (" + text(where) + "), but thread " +
                                  text(run.waiting[block.first].index) + " of its block at another (" +
                                  text(block.where) + ")");
  }
  note_waiting(Phase::AT_BARRIER, where);
  if (++block.arrived == run.block_threads) {
    block.arrived = 0;
    check_block_barrier(running_thread.slot);
    push_arranged(running_thread.slot * run.block_threads, run.block_threads);
  }
  let_others_run();
}

void host_cluster_sync(HostPlace where) {
  const RuntimeSection section;
  if (run.cluster_arrived == 0) {
    run.cluster_where = where;
    run.cluster_first = running_thread.number;
  } else if (!same(run.cluster_where, where)) {
    fault_here(LAUNCH_FAILED, "waits at cluster_sync (" + text(where) + "), but thread " +
                                  text(run.waiting[run.cluster_first].index) + " of block " +
                                  text(run.blocks[run.cluster_first / run.block_threads].index) + " at another (" +
                                  text(run.cluster_where) + ")");
  }
  note_waiting(Phase::AT_CLUSTER_BARRIER, where);
  if (++run.cluster_arrived == run.all_threads) {
    run.cluster_arrived = 0;
    check_cluster_barrier();
    push_arranged(0, run.all_threads);
  }
  let_others_run();
}

void wait_for_signal(const ClusterSignal* signal, HostPlace where) {
  note_waiting(Phase::AT_SIGNAL, where);
  run.waiting[running_thread.number].value = reinterpret_cast<std::uintptr_t>(signal);
  let_others_run();
}

void wake_at_signal(const ClusterSignal* signal) {
  arrange_threads(0, run.all_threads, run.scratch);
  for (const std::uint32_t thread : run.scratch) {
    if (run.phase[thread] == Phase::AT_SIGNAL && run.waiting[thread].value == reinterpret_cast<std::uintptr_t>(signal))
      push(thread);
  }
}

std::uint64_t host_exchange(HostExchange kind, unsigned mask, std::uint64_t value, int operand, int width,
                            HostPlace where) {
  const RuntimeSection section;
  const std::uint32_t linear = running_thread.number - running_thread.slot * run.block_threads;
  const unsigned lane = linear % LANES;
  const std::uint32_t first_thread = running_thread.number - lane;
  const std::uint32_t in_warp = std::min(LANES, run.block_threads - (linear - lane));
  const unsigned exists = in_warp == LANES ? 0xffffffffu : (1u << in_warp) - 1;
  if ((mask >> lane & 1) == 0) fault_here(LAUNCH_FAILED, std::string(name_of(kind)) + " (" + text(where) + "): its own lane is not in the mask");
  if (width < 1 || width > static_cast<int>(LANES) || (width & (width - 1)) != 0)
    fault_here(LAUNCH_FAILED, std::string(name_of(kind)) + " (" + text(where) + "): a width of " + std::to_string(width));
  note_waiting(Phase::AT_EXCHANGE, where);
  Waiting& mine = run.waiting[running_thread.number];
  mine.kind = kind;
  mine.operand = operand;
  mine.width = width;
  mine.value = value;

  auto& open = run.warps[running_thread.slot * run.warps_per_block + linear / LANES].open;
  std::size_t at = 0;
  while (at < open.size() && (open[at].mask & mask) == 0) at++;
  if (at == open.size()) {
    open.push_back({mask, 0, kind, where});
  } else if (open[at].mask != mask || open[at].kind != kind || !same(open[at].where, where)) {
    fault_here(LAUNCH_FAILED, std::string("is at ") + name_of(kind) + " (" + text(where) + ") with lane " +
                                  std::to_string(__builtin_ctz(open[at].arrived)) + " of its warp at " +
                                  name_of(open[at].kind) + " (" + text(open[at].where) + "): the warp has diverged");
  }
  open[at].arrived |= 1u << lane;
  if (open[at].arrived == (mask & exists)) {
    const Exchange exchange = open[at];
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    complete_exchange(first_thread, exchange);
    if (kernel_schedule() == 0) {
      for (unsigned other = 0; other < in_warp; other++) {
        if ((exchange.arrived >> other & 1) != 0 && other != lane) push(first_thread + other);
      }
      run.phase[running_thread.number] = Phase::READY;
      return mine.value;
    }
    arrange_threads(first_thread, in_warp, run.scratch);
    for (const std::uint32_t thread : run.scratch) {
      if (exchange.arrived >> (thread - first_thread) & 1) push(thread);
    }
  }
  let_others_run();
  return mine.value;
}

unsigned cluster_rank() { return running_thread.slot; }

unsigned cluster_size() { return run.block_count; }

void* host_cluster_map(const void* pointer, unsigned rank, HostPlace where) {
  const RuntimeSection section;
  if (rank >= run.block_count)
    fault_here(ILLEGAL_ADDRESS, "cluster_map (" + text(where) + "): rank " + std::to_string(rank) + " of a cluster of " +
                                    std::to_string(run.block_count) + " blocks");
  if (run.blocks[rank].ended == run.block_threads)
    fault_here(ILLEGAL_ADDRESS, "cluster_map (" + text(where) + "): the block of rank " + std::to_string(rank) +
                                    " has ended, and its shared memory with it");
  void* mapped = shared_memory_there(pointer, running_thread.slot, rank);
  if (mapped == nullptr)
    fault_here(ILLEGAL_ADDRESS, "cluster_map (" + text(where) + "): the pointer is not to this block's shared memory");
  return mapped;
}

void host_trap(HostPlace where) {
  const RuntimeSection section;
  fault_here(LAUNCH_FAILED, "__trap (" + text(where) + ")");
}

void* host_dynamic_shared(HostPlace where) {
  const RuntimeSection section;
  void* memory = dynamic_shared_memory();
  if (memory == nullptr)
    fault_here(ILLEGAL_ADDRESS, "DYNAMIC_SHARED (" + text(where) + "), but the launch gives no dynamic shared memory");
  return memory;
}

void host_place_shared(HostShared* array) {
  const RuntimeSection section;
  const std::string problem = place_shared_array(array);
  if (!problem.empty()) fault_here(INVALID_VALUE, "SHARED (" + text(array->where) + "): " + problem);
}
