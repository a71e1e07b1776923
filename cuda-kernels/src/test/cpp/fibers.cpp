#include "fibers.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#if FIBERS_UNDER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if defined(IMPROMPTU_FIBERS_UCONTEXT) || (!defined(__x86_64__) && !defined(__aarch64__))
#define WITH_UCONTEXT 1
#include <ucontext.h>
#else
#define WITH_UCONTEXT 0
#endif

namespace {

// Pages that no thread touches cost nothing; a signal's frame with AVX-512 registers takes a few kilobytes of them.
constexpr std::size_t STACK_BYTES = FIBERS_UNDER_ASAN ? std::size_t{1} << 20 : std::size_t{1} << 17;
constexpr std::size_t COLOURS = 32;
constexpr std::size_t COLOUR_BYTES = 128;

FiberStack* free_stacks = nullptr;
std::vector<FiberStack*>& all_stacks() {
  static auto* stacks = new std::vector<FiberStack*>;
  return *stacks;
}

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

FiberStack* acquire_stack() {
  if (free_stacks == nullptr) {
    const std::size_t guard = page_bytes();
    void* memory = mmap(nullptr, guard + STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, guard, PROT_NONE) != 0) {
      std::fprintf(stderr, "driver double: no memory for the stack of another thread\n");
      std::abort();
    }
    auto* stack = new FiberStack{};
    stack->bottom = static_cast<unsigned char*>(memory) + guard;
    stack->bytes = STACK_BYTES;
    stack->colour = all_stacks().size() % COLOURS * COLOUR_BYTES;
    all_stacks().push_back(stack);
    return stack;
  }
  FiberStack* stack = free_stacks;
  free_stacks = stack->next;
#if FIBERS_UNDER_ASAN
  // Frames that a fault abandoned left their red zones.
  __asan_unpoison_memory_region(stack->bottom, stack->bytes);
#endif
  return stack;
}

void release_stack(FiberStack* stack) {
  stack->next = free_stacks;
  free_stacks = stack;
}

bool in_stack_guard(const void* address) {
  const auto* byte = static_cast<const unsigned char*>(address);
  for (const FiberStack* stack : all_stacks()) {
    if (byte < stack->bottom && byte >= stack->bottom - page_bytes()) return true;
  }
  return false;
}

#if WITH_UCONTEXT

void prepare_fiber(FiberContext* context, FiberStack* stack, void (*entry)()) {
  if (stack->machine_context == nullptr) stack->machine_context = new ucontext_t;
  auto* machine = static_cast<ucontext_t*>(stack->machine_context);
  getcontext(machine);
  machine->uc_stack.ss_sp = stack->bottom;
  machine->uc_stack.ss_size = stack->bytes;
  machine->uc_link = nullptr;
  makecontext(machine, entry, 0);
  *context = FiberContext{machine, stack->bottom, stack->bytes, nullptr};
}

static void machine_switch(void** from, void* to) {
  if (*from == nullptr) *from = new ucontext_t;
  swapcontext(static_cast<ucontext_t*>(*from), static_cast<ucontext_t*>(to));
}

#else

extern "C" {
// Saves what a function must leave as it found it, swaps the stacks, restores.
__attribute__((visibility("hidden"))) void impromptu_switch_stacks(void** from, void* to);
}

#if defined(__x86_64__)
asm(R"(
.text
.hidden impromptu_switch_stacks
.globl impromptu_switch_stacks
.type impromptu_switch_stacks, @function
impromptu_switch_stacks:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size impromptu_switch_stacks, .-impromptu_switch_stacks
)");
#else
asm(R"(
.text
.hidden impromptu_switch_stacks
.globl impromptu_switch_stacks
.type impromptu_switch_stacks, %function
impromptu_switch_stacks:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size impromptu_switch_stacks, .-impromptu_switch_stacks
)");
#endif

void prepare_fiber(FiberContext* context, FiberStack* stack, void (*entry)()) {
  auto** top = reinterpret_cast<void**>(stack->bottom + stack->bytes - stack->colour);
  auto* start = reinterpret_cast<void*>(entry);
#if defined(__x86_64__)
  // The entry begins as after a call: its (never used) return address on top of an aligned stack.
  *--top = nullptr;
  *--top = start;
  for (int i = 0; i < 6; i++) *--top = nullptr;
#else
  top -= 20;
  for (int i = 0; i < 20; i++) top[i] = nullptr;
  top[11] = start;  // x30, the address that ret goes to
#endif
  *context = FiberContext{top, stack->bottom, stack->bytes, nullptr};
}

static void machine_switch(void** from, void* to) { impromptu_switch_stacks(from, to); }

#endif

FiberContext running_fiber(const FiberStack* stack) {
  return FiberContext{stack->machine_context, stack->bottom, stack->bytes, nullptr};
}

void fiber_entered() {
#if FIBERS_UNDER_ASAN
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
}

void switch_fiber(FiberContext* from, FiberContext* to) {
#if FIBERS_UNDER_ASAN
  if (from->bottom == nullptr) {
    // The main stack: ASan tells its bounds to the first fiber it switches to, but wants them to switch back.
    pthread_attr_t attributes;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &from->bottom, &from->bytes);
    pthread_attr_destroy(&attributes);
  }
  __sanitizer_start_switch_fiber(&from->fake_stack, to->bottom, to->bytes);
#endif
  machine_switch(&from->stack_pointer, to->stack_pointer);
#if FIBERS_UNDER_ASAN
  __sanitizer_finish_switch_fiber(from->fake_stack, nullptr, nullptr);
#endif
}
