// What every function of the driver shares: the lock, the context, the last error, the orders of a test, the counters.
#pragma once

#include "cuda_status.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#define DRIVER_API extern "C" __attribute__((visibility("default")))

// Held by whoever is inside the double, kernels that run included.
extern std::mutex guard;
using Lock = std::lock_guard<std::mutex>;

// Leaves word of what happened, for cuGetErrorString.
CUresult fail(CUresult status, const std::string& what);

// An error of the device that stays: every later call gives it, until the context ends.
void break_context(CUresult status, const std::string& what);
CUresult sticky_status();

// What every function begins with: counts the call, then gives the error that a test ordered, or that a kernel left.
CUresult enter(const char* call, bool needs_context = true);

// The error that a test ordered for this call, or 0.
CUresult ordered_failure_of(const std::string& call);
// The same for the n-th run of a kernel.
CUresult ordered_failure_of_kernel(const std::string& kernel);

// The most blocks along x and y that a test lets launches of this kernel have.
struct GridLimit {
  unsigned x;
  unsigned y;
};
GridLimit grid_limit_of(const std::string& kernel);

bool context_is_current();

struct Counters {
  std::map<std::string, std::uint64_t> calls;
  // Calls of cuLaunchKernel, into a stream or a graph.
  std::map<std::string, std::uint64_t> launches;
  // How often a kernel ran, by graphs too.
  std::map<std::string, std::uint64_t> runs;
  std::uint64_t bytes_to_device = 0;
  std::uint64_t bytes_to_host = 0;
};
extern Counters counters;

// What the device claims to be.
struct Claim {
  int major;
  int minor;
  int multiprocessors;
  int threads_per_multiprocessor;
  int blocks_per_multiprocessor;
  int shared_per_multiprocessor;
  int shared_per_block_at_most;
  int shared_reserved_per_block;
  int most_cluster_blocks;
};
const Claim& claim();

// The version of CUDA that the driver claims to be of: 12010 for 12.1.
int driver_version();
