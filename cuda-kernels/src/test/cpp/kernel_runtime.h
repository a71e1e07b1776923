// Runs a kernel's threads on one thread of the host, each as a fiber that is switched where it waits for others.
#pragma once

#include "kernels.h"

#include <cstdint>
#include <string>

struct Geometry {
  unsigned grid[3];
  unsigned block[3];
  unsigned dynamic_shared;
};

struct KernelFault {
  // A CUresult, 0 if all went well.
  int status = 0;
  std::string what;
};

// Runs every thread to its end, or the whole kernel to its first fault.
KernelFault run_kernel(const HostKernel& kernel, const Geometry& geometry, void** arguments);

// In what order clusters, blocks, warps and threads run as far as barriers leave it open, anew after each barrier:
// 0 ascending, 1 descending, an even number shuffles warps and the lanes in them, an odd one all threads. The same seed
// gives the same order.
void set_kernel_schedule(std::uint64_t seed);
std::uint64_t kernel_schedule();
// The next of a row of numbers that the schedule alone decides; for whoever else has an order to choose.
std::uint64_t schedule_random();

// A kernel that runs longer is ended.
constexpr unsigned DEFAULT_WATCHDOG_MILLISECONDS = 60000;
void set_watchdog(unsigned milliseconds);
