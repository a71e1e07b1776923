// double_api.h: what stand-ins of libraries above the driver use.
#include "double_api.h"

#include "memory.h"
#include "state.h"
#include "streams.h"

#include <map>

namespace {

std::map<std::string, std::uint64_t> held;

}  // namespace

// What stands in the libraries' hands: "handles" or "descriptors".
DRIVER_API std::uint64_t impromptu_double_held(const char* kind) {
  Lock lock(guard);
  return held[kind];
}

namespace driver_double {

CUresult enqueue(StreamHandle stream, const std::string& what, const std::vector<Range>& ranges, Work work) {
  Lock lock(guard);
  if (!context_is_current()) return fail(INVALID_CONTEXT, "this thread has no current context");
  if (CUresult status = sticky_status()) return status;
  return submit(stream, NodeKind::KERNEL, [what, ranges, work = std::move(work)]() -> CUresult {
    for (const Range& range : ranges) {
      const std::string problem = problem_of_range(reinterpret_cast<std::uintptr_t>(range.start), range.bytes);
      if (problem.empty()) continue;
      break_context(ILLEGAL_ADDRESS, what + ": " + problem);
      return sticky_status();
    }
    return work();
  });
}

CUresult synchronize(StreamHandle stream) {
  Lock lock(guard);
  return wait_for_stream("a library's wait", stream);
}

CaptureState capture_state(StreamHandle stream) {
  Lock lock(guard);
  Capturing state = Capturing::NO;
  if (capturing(stream, &state) != SUCCESS || state == Capturing::NO) return CaptureState::NONE;
  return state == Capturing::YES ? CaptureState::ACTIVE : CaptureState::INVALIDATED;
}

bool is_live(const void* start, std::size_t bytes) {
  Lock lock(guard);
  return problem_of_range(reinterpret_cast<std::uintptr_t>(start), bytes).empty();
}

void* allocate(std::size_t bytes) {
  Lock lock(guard);
  DevicePointer pointer = 0;
  return allocate_device(&pointer, bytes) == SUCCESS ? reinterpret_cast<void*>(pointer) : nullptr;
}

void release(void* memory) {
  Lock lock(guard);
  free_device(reinterpret_cast<DevicePointer>(memory));
}

CUresult ordered_failure(const char* call) {
  Lock lock(guard);
  return ordered_failure_of(call);
}

bool has_context() {
  Lock lock(guard);
  return context_is_current();
}

int capability() {
  Lock lock(guard);
  return 10 * claim().major + claim().minor;
}

void hold(const char* kind, int change) {
  Lock lock(guard);
  held[kind] += static_cast<std::uint64_t>(static_cast<std::int64_t>(change));
}

void count(const char* call) {
  Lock lock(guard);
  counters.calls[call]++;
}

}  // namespace driver_double
