// Stacks to run on and the switch between them.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define FIBERS_UNDER_ASAN 1
#else
#define FIBERS_UNDER_ASAN 0
#endif

// Where a computation stands while another one runs. The main one, which was there before any fiber, starts empty.
struct FiberContext {
  void* stack_pointer = nullptr;
  void* bottom = nullptr;
  std::size_t bytes = 0;
  void* fake_stack = nullptr;
};

// A stack with a guard page below it, kept for the next fiber when one is done with it.
struct FiberStack {
  unsigned char* bottom;
  std::size_t bytes;
  // Stacks that begin at the same place of a page would fight for the same lines of the cache.
  std::size_t colour;
  FiberStack* next;
  // Only where the switch is not written for the processor.
  void* machine_context;
};

FiberStack* acquire_stack();
void release_stack(FiberStack* stack);

// Is the address in the guard page of some stack?
bool in_stack_guard(const void* address);

// Prepares a context whose first switch calls entry, which must never return.
void prepare_fiber(FiberContext* context, FiberStack* stack, void (*entry)());
// The context of what already runs on this stack, to be filled by its next switch.
FiberContext running_fiber(const FiberStack* stack);
// To be called first in entry.
void fiber_entered();

void switch_fiber(FiberContext* from, FiberContext* to);
