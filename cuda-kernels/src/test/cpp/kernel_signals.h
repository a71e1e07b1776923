// A kernel that reads where nothing is, divides by zero or never ends must fail as on a chip and not end the JVM: while
// one runs, the signals of its thread become faults of the kernel. Signals of other threads go where they went before.
#pragma once

#include <signal.h>

#include <string>

// Does the kernel's thread run code of the double and not of the kernel? The handlers read it on that same thread.
extern volatile sig_atomic_t in_runtime __attribute__((visibility("hidden")));

// What a signal interrupts in here must not be abandoned: the double's own state would be left half changed, or the
// allocator's lock held. Each fiber has its own; the switch between two is inside both.
class RuntimeSection {
 public:
  RuntimeSection() : before_(in_runtime) { in_runtime = 1; }
  ~RuntimeSection() { in_runtime = before_; }
  RuntimeSection(const RuntimeSection&) = delete;
  RuntimeSection& operator=(const RuntimeSection&) = delete;

 private:
  sig_atomic_t before_;
};

// The kernel's own code, called from a section.
class KernelSection {
 public:
  KernelSection() { in_runtime = 0; }
  ~KernelSection() { in_runtime = 1; }
  KernelSection(const KernelSection&) = delete;
  KernelSection& operator=(const KernelSection&) = delete;
};

// For the duration of one kernel, on the thread that runs it.
class KernelSignals {
 public:
  // Leaves the kernel, so it does not return.
  using Fault = void (*)(int status, const std::string& what);

  explicit KernelSignals(Fault fault);
  ~KernelSignals();
  KernelSignals(const KernelSignals&) = delete;
  KernelSignals& operator=(const KernelSignals&) = delete;
};

// Has the kernel's time run out? To be asked where the watchdog could not interrupt.
bool watchdog_fired();
