// What the driver double offers to stand-ins of libraries above the driver (cuBLAS, cuDNN): their work goes into the
// same lazy streams and graphs, reads the same checked memory and fails by the same orders of a test.
#pragma once

#include "cuda_status.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#define DOUBLE_API __attribute__((visibility("default")))

namespace driver_double {

// A CUstream as JCuda holds it; null is the legacy stream.
using StreamHandle = void*;

// The memory that a piece of work touches. The range must be inside one live allocation when the work runs, or the
// stream fails with CUDA_ERROR_ILLEGAL_ADDRESS and a message that names it.
struct Range {
  const void* start;
  std::size_t bytes;
};

// What the work does, when its time comes: 0, or the status that the device is left with. It must not call the driver.
using Work = std::function<CUresult()>;

// Puts work on a stream, behind what is there: it runs when somebody waits for it, or becomes a node of the graph that
// the stream captures. what names it in messages ("cublasSgemm_v2"). Returns what the launch of a kernel there would.
DOUBLE_API CUresult enqueue(StreamHandle stream, const std::string& what, const std::vector<Range>& ranges, Work work);

// Runs what is on the stream until it is empty, as cuStreamSynchronize does.
DOUBLE_API CUresult synchronize(StreamHandle stream);

enum class CaptureState { NONE, ACTIVE, INVALIDATED };
DOUBLE_API CaptureState capture_state(StreamHandle stream);

// Is the range inside one live allocation?
DOUBLE_API bool is_live(const void* start, std::size_t bytes);

// Device memory of the library's own (a workspace), which counts as the caller's; null when there is none left.
DOUBLE_API void* allocate(std::size_t bytes);
DOUBLE_API void release(void* memory);

// The status that a test ordered for the next call of this name, or 0: ask it at the begin of every function.
DOUBLE_API CUresult ordered_failure(const char* call);

// Is there a current context on this thread?
DOUBLE_API bool has_context();

// 10 * major + minor of what the device claims to be.
DOUBLE_API int capability();

// Counts what the library made (1) and destroyed (-1), "handles" or "descriptors", for impromptu_double_held.
DOUBLE_API void hold(const char* kind, int change);

// Counts a call by its name, for impromptu_double_count.
DOUBLE_API void count(const char* call);

}  // namespace driver_double
