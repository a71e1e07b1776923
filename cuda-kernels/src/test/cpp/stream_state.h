// What streams.cpp and graphs.cpp share.
#pragma once

#include "streams.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

struct Stream;

struct Node {
  NodeKind kind;
  StreamWork run;
  // Which nodes must have run before, by their places.
  std::vector<std::size_t> after;
};

struct Graph {
  std::vector<Node> nodes;
};

// The numbers of CUstreamCaptureMode.
enum class CaptureMode { GLOBAL = 0, THREAD_LOCAL = 1, RELAXED = 2 };

struct Capture {
  std::unique_ptr<Graph> graph;
  Stream* origin;
  std::vector<Stream*> streams;
  CaptureMode mode;
  std::thread::id thread;
  bool ended = false;
  // Nothing while it is valid.
  std::string invalid;
};

// One recording of an event: done once the work before it has run.
struct EventRecord {
  Stream* stream;
  std::uint64_t sequence;
  bool done = false;
  std::chrono::steady_clock::time_point when;
};

struct Event {
  unsigned flags;
  std::shared_ptr<EventRecord> record;
  // If it was recorded last in a stream that captures: there, and after which nodes.
  std::shared_ptr<Capture> capture;
  std::vector<std::size_t> nodes;
};

struct QueuedWork {
  // Through all streams, in the order of submission.
  std::uint64_t sequence;
  StreamWork run;
  std::vector<std::shared_ptr<EventRecord>> after;
};

struct Stream {
  unsigned flags;
  int priority;
  std::deque<QueuedWork> queue;
  std::shared_ptr<Capture> capture;
  // The nodes that what comes next must run after.
  std::vector<std::size_t> frontier;

  // Waits for the legacy stream and is waited for by it.
  bool is_blocking() const { return (flags & 1) == 0; }
};

// Null for what is no stream. A null handle is the legacy stream.
Stream* find_stream(void* handle);
Stream* legacy_stream();

CUresult invalidate(Capture& capture, CUresult status, const std::string& why);
CUresult refuse_if_capturing(Stream& stream, const char* call);
// A node behind what the stream captured; for a stream that captures.
CUresult capture_node(Stream& stream, NodeKind kind, StreamWork work);
// Would work on the legacy stream depend on a capture?
CUresult refuse_implicit_dependency(const char* call);
CUresult wait_in_capture(Stream& stream, const Event& event);
void drop_graphs();
