// Runs a kernel's threads on one thread of the host, each as a fiber that is switched where it waits for others.
#pragma once

#include "fibers.h"
#include "kernel_schedule.h"
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

// The thread that runs: its number in its cluster, its block's, and its stack.
struct RunningThread {
  std::uint32_t number;
  unsigned slot;
  FiberStack* stack;
};
extern RunningThread running_thread __attribute__((visibility("hidden")));

// Ends the kernel with a fault of the thread that runs.
[[noreturn]] void fault_in_kernel(int status, const std::string& what);
// For messages: a thread of the running cluster.
std::string text_of_thread(unsigned slot, std::uint32_t linear);

// The running thread stands still until somebody wakes those at the signal; cluster_signals.cpp says when.
struct ClusterSignal;
struct HostPlace;
void wait_for_signal(const ClusterSignal* signal, HostPlace where);
void wake_at_signal(const ClusterSignal* signal);
// For messages: what a round lacks.
std::string missing_of(const ClusterSignal& signal);

// A kernel that runs longer is ended.
constexpr unsigned DEFAULT_WATCHDOG_MILLISECONDS = 60000;
void set_watchdog(unsigned milliseconds);
