#include "access_checks.h"
#include "cuda_status.h"
#include "host_cuda.h"
#include "kernel_runtime.h"
#include "kernel_signals.h"
#include "kernel_text.h"
#include "shared_memory.h"

namespace {

constexpr std::uint8_t BEGUN = 1;

[[noreturn]] void fault(int status, const char* call, HostPlace where, const std::string& what) {
  fault_in_kernel(status, std::string(call) + " (" + text(where) + "): " + what);
}

void require_begun(const ClusterSignal* signal, const char* call, HostPlace where) {
  if (signal->begun != BEGUN) fault(LAUNCH_FAILED, call, where, "the signal was not begun");
}

void require_own(const ClusterSignal* signal, const char* call, HostPlace where) {
  if (shared_memory_there(signal, running_thread.slot, running_thread.slot) == nullptr)
    fault(ILLEGAL_ADDRESS, call, where, "the signal is not in this block's shared memory");
}

// Ends the round if all has come.
void settle(ClusterSignal* signal) {
  if (!signal->expects || signal->missing != 0) return;
  signal->round++;
  signal->expects = 0;
  wake_at_signal(signal);
}

}  // namespace

std::string missing_of(const ClusterSignal& signal) {
  return signal.expects ? ", and " + std::to_string(signal.missing) + " bytes of its round are never sent"
                        : ", and nobody says how many bytes end its round";
}

void host_signal_begin(ClusterSignal* signal, HostPlace where) {
  const RuntimeSection section;
  require_own(signal, "signal_begin", where);
  *signal = {0, 0, 0, BEGUN};
}

void host_signal_expect(ClusterSignal* signal, unsigned bytes, HostPlace where) {
  const RuntimeSection section;
  require_own(signal, "signal_expect", where);
  require_begun(signal, "signal_expect", where);
  if (signal->expects) fault(LAUNCH_FAILED, "signal_expect", where, "the signal's round is not over yet");
  signal->expects = 1;
  signal->missing += static_cast<std::int32_t>(bytes);
  settle(signal);
}

void host_signal_wait(ClusterSignal* signal, unsigned round, HostPlace where) {
  const RuntimeSection section;
  require_own(signal, "signal_wait", where);
  require_begun(signal, "signal_wait", where);
  // As on a chip, one bit of the round is all that is compared.
  if (signal->round % 2 == round % 2) wait_for_signal(signal, where);
  check_signal_waited();
}

void host_signal_sending() { check_signal_sending(); }

void host_signal_sent(ClusterSignal* signal, unsigned rank, std::size_t bytes, HostPlace where) {
  auto* there = static_cast<ClusterSignal*>(host_cluster_map(signal, rank, where));
  const RuntimeSection section;
  require_begun(there, "cluster_send", where);
  check_signal_sent();
  there->missing -= static_cast<std::int32_t>(bytes);
  settle(there);
}
