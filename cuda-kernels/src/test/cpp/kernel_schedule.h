// In what order clusters, blocks, warps and threads run as far as barriers leave it open, anew after each barrier.
#pragma once

#include <cstdint>
#include <vector>

extern std::uint64_t schedule_seed __attribute__((visibility("hidden")));

// 0 ascending, 1 descending, an even number shuffles warps and the lanes in them, an odd one all threads. The same seed
// gives the same order. By an even number a warp goes on to its next barrier before another begins.
void set_kernel_schedule(std::uint64_t seed);
static inline std::uint64_t kernel_schedule() { return schedule_seed; }

// A new launch, whose number decides with the seed.
void begin_schedule(std::uint64_t launch);

// The next of a row of numbers that the schedule alone decides; for whoever else has an order to choose.
std::uint64_t schedule_random();

// Does a thread that has not begun come before those that may go on?
bool begins_before_others_go_on();

// Threads [from, from + count) in the order that the schedule gives them this time, if that is not the ascending one.
void arrange_threads(std::uint32_t from, std::uint32_t count, std::vector<std::uint32_t>& into);

// The first cluster to run, and how far the next one is, around the end; count is how many there are.
struct ClusterOrder {
  std::uint64_t start;
  std::uint64_t stride;
};
ClusterOrder cluster_order(std::uint64_t count);
