#include "kernel_signals.h"

#include "cuda_status.h"
#include "fibers.h"
#include "kernel_runtime.h"
#include "memory.h"
#include "shared_memory.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

volatile sig_atomic_t in_runtime = 0;

namespace {

constexpr std::size_t ALTERNATE_BYTES = std::size_t{1} << 16;

std::atomic<bool> running{false};
std::atomic<bool> fired{false};
std::atomic<unsigned> limit_milliseconds{DEFAULT_WATCHDOG_MILLISECONDS};
std::atomic<std::int64_t> started_at{0};
pthread_t kernel_thread;
KernelSignals::Fault leave = nullptr;
stack_t alternate_before;

struct Former {
  int signal;
  struct sigaction action;
};
Former formers[] = {{SIGSEGV, {}}, {SIGBUS, {}}, {SIGFPE, {}}};

// What the kernel's thread has computed so far: a machine that is busy with others, or a process that is held, must not
// end a kernel.
std::int64_t computed() {
  clockid_t clock;
  timespec time{};
  if (pthread_getcpuclockid(kernel_thread, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * std::int64_t{1000} + time.tv_nsec / 1000000;
}

// A real-time signal that neither the JVM nor the C library uses.
int watchdog_signal() { return SIGRTMIN + 11; }

bool of_the_kernel() { return running.load() && pthread_equal(pthread_self(), kernel_thread) != 0 && in_runtime == 0; }

void pass_on(int signal, siginfo_t* info, void* context) {
  for (const Former& former : formers) {
    if (former.signal != signal) continue;
    if ((former.action.sa_flags & SA_SIGINFO) != 0) {
      former.action.sa_sigaction(signal, info, context);
    } else if (former.action.sa_handler != SIG_DFL && former.action.sa_handler != SIG_IGN) {
      former.action.sa_handler(signal);
    } else {
      // Back to the default, which strikes when the instruction is repeated.
      sigaction(signal, &former.action, nullptr);
    }
  }
}

// The fibers are abandoned, this frame among them; what the signal blocked must not stay blocked.
void fault(const void* context, int status, const std::string& what) {
  pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t*>(context)->uc_sigmask, nullptr);
  // A fault on the way out would be one of the double's own.
  running = false;
  leave(status, what);
}

void on_fault(int signal, siginfo_t* info, void* context) {
  if (!of_the_kernel()) {
    pass_on(signal, info, context);
    return;
  }
  if (signal == SIGFPE) fault(context, LAUNCH_FAILED, "an integer division by zero, whose result is undefined on a chip");
  unsigned slot = 0;
  if (in_closed_shared_memory(info->si_addr, &slot))
    fault(context, ILLEGAL_ADDRESS,
          "touched the shared memory of the block of rank " + std::to_string(slot) + ", which has ended");
  if (in_stack_guard(info->si_addr))
    fault(context, LAUNCH_FAILED, "its local variables take more room than the double gives a thread");
  fault(context, ILLEGAL_ADDRESS, "touched " + describe_address(reinterpret_cast<std::uintptr_t>(info->si_addr)));
}

void on_watchdog(int, siginfo_t*, void* context) {
  if (!running.load() || pthread_equal(pthread_self(), kernel_thread) == 0) return;
  fired = true;
  if (in_runtime == 0)
    fault(context, LAUNCH_TIMEOUT,
          "the kernel still runs after " + std::to_string(limit_milliseconds.load()) + " ms");
}

[[noreturn]] void watch() {
  for (;;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    // Again and again, until it meets the kernel's own code.
    if (running.load() && computed() - started_at.load() > limit_milliseconds.load())
      pthread_kill(kernel_thread, watchdog_signal());
  }
}

void install() {
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  action.sa_sigaction = on_watchdog;
  sigaction(watchdog_signal(), &action, nullptr);
  // ASan's own report of a bad access says more.
  if (!FIBERS_UNDER_ASAN) {
    action.sa_sigaction = on_fault;
    for (Former& former : formers) sigaction(former.signal, &action, &former.action);
  }
  std::thread(watch).detach();
}

void* alternate_stack() {
  static void* memory =
      mmap(nullptr, ALTERNATE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory;
}

}  // namespace

KernelSignals::KernelSignals(Fault fault) {
  static const bool installed = (install(), true);
  static_cast<void>(installed);
  leave = fault;
  kernel_thread = pthread_self();
  // So that the handler has a stack of its own when a thread has used up its own.
  stack_t alternate{};
  alternate.ss_sp = alternate_stack();
  alternate.ss_size = ALTERNATE_BYTES;
  sigaltstack(&alternate, &alternate_before);
  fired = false;
  in_runtime = 1;
  started_at = computed();
  running = true;
}

KernelSignals::~KernelSignals() {
  running = false;
  sigaltstack(&alternate_before, nullptr);
}

bool watchdog_fired() { return fired.load(std::memory_order_relaxed); }

void set_watchdog(unsigned milliseconds) { limit_milliseconds = milliseconds; }
