// What the runtime of a kernel knows of threads, warps and blocks that wait.
#pragma once

#include "fibers.h"
#include "host_cuda.h"

#include <cstdint>
#include <vector>

enum class Phase : std::uint8_t { UNSTARTED, READY, AT_BARRIER, AT_CLUSTER_BARRIER, AT_SIGNAL, AT_EXCHANGE, ENDED };

// What is known of a thread while it waits; a thread that never waits leaves no trace here.
struct Waiting {
  FiberContext context;
  FiberStack* stack;
  uint3 index;
  HostPlace where;
  HostExchange kind;
  int operand;
  int width;
  std::uint64_t value;
};

// An exchange that some lanes of a warp have reached.
struct Exchange {
  unsigned mask;
  unsigned arrived;
  HostExchange kind;
  HostPlace where;
};

struct Warp {
  std::vector<Exchange> open;
};

struct Block {
  uint3 index;
  unsigned arrived;
  unsigned ended;
  // Of the first thread at the barrier.
  HostPlace where;
  std::uint32_t first;
};
