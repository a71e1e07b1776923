// Stream capture and graphs.
#include "stream_state.h"

#include "kernel_runtime.h"
#include "state.h"

#include <algorithm>
#include <map>

namespace {

std::vector<std::shared_ptr<Capture>> captures;
std::map<Graph*, std::unique_ptr<Graph>> graphs;
// An executable graph is a copy, which work on a stream may outlive.
std::map<const Graph*, std::shared_ptr<const Graph>> executables;
thread_local CaptureMode thread_mode = CaptureMode::GLOBAL;

CUresult invalidated(const Capture& capture) { return fail(STREAM_CAPTURE_INVALIDATED, capture.invalid); }

// Does this thread's call endanger the capture, as cuThreadExchangeStreamCaptureMode defines it?
bool is_unsafe_for(const Capture& capture) {
  const bool own = capture.thread == std::this_thread::get_id();
  switch (thread_mode) {
    case CaptureMode::GLOBAL:
      return own ? capture.mode != CaptureMode::RELAXED : capture.mode == CaptureMode::GLOBAL;
    case CaptureMode::THREAD_LOCAL: return own && capture.mode != CaptureMode::RELAXED;
    default: return false;
  }
}

void leave(const std::shared_ptr<Capture>& capture) {
  capture->ended = true;
  for (Stream* stream : capture->streams) {
    stream->capture = nullptr;
    stream->frontier.clear();
  }
  captures.erase(std::find(captures.begin(), captures.end(), capture));
}

// The nodes that must have run before those of the frontier, and these.
std::vector<bool> up_to(const Graph& graph, const std::vector<std::size_t>& frontier) {
  std::vector<bool> reached(graph.nodes.size());
  for (const std::size_t node : frontier) reached[node] = true;
  for (std::size_t node = graph.nodes.size(); node-- > 0;) {
    if (!reached[node]) continue;
    for (const std::size_t before : graph.nodes[node].after) reached[before] = true;
  }
  return reached;
}

bool has_unjoined_work(const Capture& capture) {
  const std::vector<bool> joined = up_to(*capture.graph, capture.origin->frontier);
  return std::find(joined.begin(), joined.end(), false) != joined.end();
}

// In the order of capture, or in another that the dependencies leave open.
CUresult run_graph(const Graph& graph) {
  std::vector<std::size_t> waits_for(graph.nodes.size());
  std::vector<std::size_t> ready;
  for (std::size_t node = 0; node < graph.nodes.size(); node++) {
    waits_for[node] = graph.nodes[node].after.size();
    if (waits_for[node] == 0) ready.push_back(node);
  }
  while (!ready.empty()) {
    std::size_t pick = 0;
    if (kernel_schedule() == 0) {
      pick = static_cast<std::size_t>(std::min_element(ready.begin(), ready.end()) - ready.begin());
    } else if (kernel_schedule() == 1) {
      pick = static_cast<std::size_t>(std::max_element(ready.begin(), ready.end()) - ready.begin());
    } else {
      pick = schedule_random() % ready.size();
    }
    const std::size_t node = ready[pick];
    ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(pick));
    if (CUresult status = graph.nodes[node].run()) return status;
    for (std::size_t later = node + 1; later < graph.nodes.size(); later++) {
      const auto& after = graph.nodes[later].after;
      if (std::find(after.begin(), after.end(), node) != after.end() && --waits_for[later] == 0) ready.push_back(later);
    }
  }
  return SUCCESS;
}

void add_to(std::vector<std::size_t>& frontier, const std::vector<std::size_t>& nodes) {
  for (const std::size_t node : nodes) {
    if (std::find(frontier.begin(), frontier.end(), node) == frontier.end()) frontier.push_back(node);
  }
}

CUresult no_graph() { return fail(INVALID_HANDLE, "this is no graph, or it was destroyed"); }

}  // namespace

CUresult invalidate(Capture& capture, CUresult status, const std::string& why) {
  if (capture.invalid.empty()) capture.invalid = "the capture is invalid since " + why;
  return fail(status, why + " while a stream captures");
}

CUresult refuse_if_capturing(Stream& stream, const char* call) {
  if (stream.capture == nullptr) return SUCCESS;
  return invalidate(*stream.capture, STREAM_CAPTURE_UNSUPPORTED, call);
}

CUresult refuse_implicit_dependency(const char* call) {
  for (const auto& capture : captures) {
    for (const Stream* stream : capture->streams) {
      if (stream->is_blocking())
        return invalidate(*capture, STREAM_CAPTURE_IMPLICIT, std::string(call) + " would wait for it");
    }
  }
  return SUCCESS;
}

CUresult refuse_as_unsafe(const char* call) {
  CUresult status = SUCCESS;
  for (const auto& capture : captures) {
    if (is_unsafe_for(*capture)) status = invalidate(*capture, STREAM_CAPTURE_UNSUPPORTED, call);
  }
  return status;
}

CUresult refuse_during_any_capture(const char* call) {
  CUresult status = SUCCESS;
  for (const auto& capture : captures) status = invalidate(*capture, STREAM_CAPTURE_UNSUPPORTED, call);
  return status;
}

CUresult capture_node(Stream& stream, NodeKind kind, StreamWork work) {
  Capture& capture = *stream.capture;
  if (!capture.invalid.empty()) return invalidated(capture);
  capture.graph->nodes.push_back({kind, std::move(work), stream.frontier});
  stream.frontier = {capture.graph->nodes.size() - 1};
  return SUCCESS;
}

CUresult wait_in_capture(Stream& stream, const Event& event) {
  const auto from = event.capture;
  if (from == nullptr) {
    // An event that was never recorded is no dependency.
    if (event.record == nullptr) return SUCCESS;
    return invalidate(*stream.capture, STREAM_CAPTURE_ISOLATION, "a wait for an event from outside the capture");
  }
  if (from->ended) return fail(CAPTURED_EVENT, "a wait for an event of a capture that has ended");
  if (!from->invalid.empty()) return invalidated(*from);
  if (stream.capture != nullptr && stream.capture != from) {
    invalidate(*stream.capture, STREAM_CAPTURE_MERGE, "a wait for an event of another capture");
    return invalidate(*from, STREAM_CAPTURE_MERGE, "a wait for an event of another capture");
  }
  if (&stream == legacy_stream())
    return invalidate(*from, STREAM_CAPTURE_IMPLICIT, "a wait of the legacy stream for a captured event");
  if (stream.capture == nullptr) {
    stream.capture = from;
    stream.frontier.clear();
    from->streams.push_back(&stream);
  }
  add_to(stream.frontier, event.nodes);
  return SUCCESS;
}

CUresult capturing(void* handle, Capturing* state) {
  const Stream* stream = find_stream(handle);
  if (stream == nullptr) return fail(INVALID_HANDLE, "this is no stream, or it was destroyed");
  *state = stream->capture == nullptr            ? Capturing::NO
           : stream->capture->invalid.empty() ? Capturing::YES
                                              : Capturing::INVALID;
  return SUCCESS;
}

void drop_graphs() {
  while (!captures.empty()) leave(std::shared_ptr<Capture>(captures.back()));
  graphs.clear();
  executables.clear();
}

// ---- The driver's functions ----

DRIVER_API CUresult cuStreamBeginCapture_v2(void* handle, int mode) {
  Lock lock(guard);
  if (CUresult status = enter("cuStreamBeginCapture")) return status;
  Stream* stream = find_stream(handle);
  if (stream == nullptr) return fail(INVALID_HANDLE, "this is no stream, or it was destroyed");
  if (stream == legacy_stream()) return fail(STREAM_CAPTURE_UNSUPPORTED, "the legacy stream cannot capture");
  if (stream->capture != nullptr) return fail(ILLEGAL_STATE, "the stream captures already");
  if (mode < 0 || mode > 2) return fail(INVALID_VALUE, "a capture has no mode " + std::to_string(mode));
  auto capture = std::make_shared<Capture>();
  capture->graph = std::make_unique<Graph>();
  capture->origin = stream;
  capture->streams = {stream};
  capture->mode = static_cast<CaptureMode>(mode);
  capture->thread = std::this_thread::get_id();
  stream->capture = capture;
  stream->frontier.clear();
  captures.push_back(capture);
  return SUCCESS;
}

DRIVER_API CUresult cuStreamEndCapture(void* handle, Graph** graph) {
  Lock lock(guard);
  *graph = nullptr;
  Stream* stream = find_stream(handle);
  if (CUresult status = enter("cuStreamEndCapture")) {
    // It fails, but it ends, as for a capture that became invalid.
    if (stream != nullptr && stream->capture != nullptr) leave(std::shared_ptr<Capture>(stream->capture));
    return status;
  }
  if (stream == nullptr) return fail(INVALID_HANDLE, "this is no stream, or it was destroyed");
  const auto capture = stream->capture;
  if (capture == nullptr) return fail(ILLEGAL_STATE, "the stream does not capture");
  if (capture->origin != stream)
    return invalidate(*capture, STREAM_CAPTURE_UNMATCHED, "an end in another stream than its begin");
  if (capture->mode != CaptureMode::RELAXED && capture->thread != std::this_thread::get_id())
    return invalidate(*capture, STREAM_CAPTURE_WRONG_THREAD, "an end on another thread than its begin");
  const bool unjoined = capture->invalid.empty() && has_unjoined_work(*capture);
  leave(capture);
  if (!capture->invalid.empty()) return invalidated(*capture);
  if (unjoined) return fail(STREAM_CAPTURE_UNJOINED, "work of another stream that the first one did not wait for");
  *graph = capture->graph.get();
  graphs[*graph] = std::move(capture->graph);
  return SUCCESS;
}

DRIVER_API CUresult cuStreamIsCapturing(void* handle, int* state) {
  Lock lock(guard);
  if (CUresult status = enter("cuStreamIsCapturing")) return status;
  Capturing found = Capturing::NO;
  const CUresult status = capturing(handle, &found);
  *state = static_cast<int>(found);
  return status;
}

DRIVER_API CUresult cuThreadExchangeStreamCaptureMode(int* mode) {
  Lock lock(guard);
  if (CUresult status = enter("cuThreadExchangeStreamCaptureMode")) return status;
  if (*mode < 0 || *mode > 2) return fail(INVALID_VALUE, "a capture has no mode " + std::to_string(*mode));
  const CaptureMode before = thread_mode;
  thread_mode = static_cast<CaptureMode>(*mode);
  *mode = static_cast<int>(before);
  return SUCCESS;
}

DRIVER_API CUresult cuGraphInstantiateWithFlags(const Graph** executable, Graph* graph, unsigned long long) {
  Lock lock(guard);
  if (CUresult status = enter("cuGraphInstantiate")) return status;
  if (graphs.count(graph) == 0) return no_graph();
  auto copy = std::make_shared<const Graph>(*graph);
  *executable = copy.get();
  executables[*executable] = std::move(copy);
  return SUCCESS;
}

DRIVER_API CUresult cuGraphLaunch(const Graph* executable, void* stream) {
  Lock lock(guard);
  if (CUresult status = enter("cuGraphLaunch")) return status;
  const auto found = executables.find(executable);
  if (found == executables.end()) return no_graph();
  const auto graph = found->second;
  return submit(stream, NodeKind::CHILD, [graph] { return run_graph(*graph); });
}

DRIVER_API CUresult cuGraphUpload(const Graph* executable, void* stream) {
  Lock lock(guard);
  if (CUresult status = enter("cuGraphUpload")) return status;
  if (executables.count(executable) == 0) return no_graph();
  if (find_stream(stream) == nullptr) return fail(INVALID_HANDLE, "this is no stream, or it was destroyed");
  return SUCCESS;
}

DRIVER_API CUresult cuGraphExecDestroy(const Graph* executable) {
  Lock lock(guard);
  if (CUresult status = enter("cuGraphExecDestroy")) return status;
  return executables.erase(executable) == 0 ? no_graph() : CUresult{SUCCESS};
}

DRIVER_API CUresult cuGraphDestroy(Graph* graph) {
  Lock lock(guard);
  if (CUresult status = enter("cuGraphDestroy")) return status;
  return graphs.erase(graph) == 0 ? no_graph() : CUresult{SUCCESS};
}

DRIVER_API CUresult cuGraphGetNodes(Graph* graph, Node** nodes, std::size_t* count) {
  Lock lock(guard);
  if (CUresult status = enter("cuGraphGetNodes")) return status;
  if (graphs.count(graph) == 0) return no_graph();
  if (nodes != nullptr) {
    for (std::size_t i = 0; i < *count; i++) nodes[i] = i < graph->nodes.size() ? &graph->nodes[i] : nullptr;
    *count = std::min(*count, graph->nodes.size());
  } else {
    *count = graph->nodes.size();
  }
  return SUCCESS;
}

DRIVER_API CUresult cuGraphNodeGetType(Node* node, int* type) {
  Lock lock(guard);
  if (CUresult status = enter("cuGraphNodeGetType")) return status;
  *type = static_cast<int>(node->kind);
  return SUCCESS;
}

// How many of a test's graphs, as captured and as executable ones, were not destroyed.
DRIVER_API std::uint64_t impromptu_double_live_graphs() {
  Lock lock(guard);
  return graphs.size() + executables.size();
}
