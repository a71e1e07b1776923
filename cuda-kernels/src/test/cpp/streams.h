// Streams that do nothing until somebody waits: work stands in a queue, and the events and the legacy stream say what
// must run before it. A stream that captures puts its work into a graph instead.
#pragma once

#include "cuda_status.h"

#include <functional>
#include <string>

// Returns 0, or the status that the device is left with.
using StreamWork = std::function<CUresult()>;

// The numbers of CUgraphNodeType.
enum class NodeKind { KERNEL = 0, COPY = 1, FILL = 2, CHILD = 4 };

// Behind what is on the stream; null is the legacy stream. With an eager schedule it runs at once.
CUresult submit(void* stream, NodeKind kind, StreamWork work);
// The same, and waits for it, as a blocking copy does.
CUresult submit_and_wait(const char* call, NodeKind kind, StreamWork work);
// Waits for what is on the stream, then looks at the canaries of live memory.
CUresult wait_for_stream(const char* call, void* stream);
// Runs everything there is.
CUresult run_all_streams();

// For calls that CUDA's stream capture calls unsafe: refused, and the captures invalid, as the capture modes say.
CUresult refuse_as_unsafe(const char* call);
// For calls that wait for everything.
CUresult refuse_during_any_capture(const char* call);

// The numbers of CUstreamCaptureStatus.
enum class Capturing { NO = 0, YES = 1, INVALID = 2 };
CUresult capturing(void* stream, Capturing* state);

// The context ends: nothing that waits will run.
void drop_streams();
