#include "stream_state.h"

#include "kernel_runtime.h"
#include "memory.h"
#include "state.h"

#include <limits>
#include <map>
#include <set>

namespace {

constexpr std::uint64_t EVERYTHING = std::numeric_limits<std::uint64_t>::max();

using Streams = std::map<void*, std::unique_ptr<Stream>>;

Stream the_legacy_stream{0, 0, {}, nullptr, {}};
Streams streams;
std::map<Event*, std::unique_ptr<Event>> events;
std::uint64_t next_sequence = 1;
// While another stream was let to run ahead, it alone runs.
bool running_ahead = false;

// Some schedules run work as soon as it is submitted, as an idle chip would.
bool eager() {
  const std::uint64_t seed = kernel_schedule();
  return seed == 1 || (seed > 1 && schedule_random() % 2 == 0);
}

void run_until(Stream& stream, std::uint64_t sequence);

std::vector<Stream*> all_streams() {
  std::vector<Stream*> all{&the_legacy_stream};
  for (const auto& [handle, stream] : streams) all.push_back(stream.get());
  return all;
}

void run_what_comes_before(const Stream& stream, const QueuedWork& work) {
  for (const auto& record : work.after) {
    if (!record->done && find_stream(record->stream) != nullptr) run_until(*record->stream, record->sequence);
  }
  if (&stream == &the_legacy_stream) {
    for (const auto& [handle, other] : streams) {
      if (other->is_blocking()) run_until(*other, work.sequence);
    }
  } else if (stream.is_blocking()) {
    run_until(the_legacy_stream, work.sequence);
  }
}

// Nothing says that a stream which nobody waits for stands still.
void let_another_run_ahead() {
  if (kernel_schedule() < 2 || running_ahead || schedule_random() % 4 != 0) return;
  const std::vector<Stream*> all = all_streams();
  Stream& other = *all[schedule_random() % all.size()];
  if (other.queue.empty()) return;
  running_ahead = true;
  run_until(other, other.queue.front().sequence);
  running_ahead = false;
}

void run_until(Stream& stream, std::uint64_t sequence) {
  while (!stream.queue.empty() && stream.queue.front().sequence <= sequence) {
    let_another_run_ahead();
    if (stream.queue.empty() || stream.queue.front().sequence > sequence) return;
    QueuedWork work = std::move(stream.queue.front());
    stream.queue.pop_front();
    run_what_comes_before(stream, work);
    // A broken context runs nothing more.
    if (sticky_status() != SUCCESS) continue;
    if (CUresult status = work.run()) break_context(status, "work on a stream failed");
  }
}

CUresult look_at_canaries() {
  if (sticky_status() == SUCCESS) {
    const std::string damage = damage_of_live_memory();
    if (!damage.empty()) break_context(ILLEGAL_ADDRESS, "a kernel or a copy " + damage);
  }
  return sticky_status();
}

CUresult no_stream() { return fail(INVALID_HANDLE, "this is no stream, or it was destroyed"); }

CUresult no_event() { return fail(INVALID_HANDLE, "this is no event, or it was destroyed"); }

Event* find_event(Event* event) { return events.count(event) > 0 ? event : nullptr; }

void enqueue_record(Stream& stream, Event& event) {
  const auto record = std::make_shared<EventRecord>();
  record->stream = &stream;
  record->sequence = next_sequence++;
  event.record = record;
  stream.queue.push_back({record->sequence,
                          [record]() -> CUresult {
                            record->done = true;
                            record->when = std::chrono::steady_clock::now();
                            return SUCCESS;
                          },
                          {}});
  if (eager()) run_until(stream, record->sequence);
}

CUresult refuse_captured(const Event& event, const char* call) {
  if (event.capture == nullptr) return SUCCESS;
  const std::string why = std::string(call) + " of an event that was recorded in a capture";
  if (!event.capture->ended) return invalidate(*event.capture, CAPTURED_EVENT, why);
  return fail(CAPTURED_EVENT, why);
}

}  // namespace

Stream* legacy_stream() { return &the_legacy_stream; }

Stream* find_stream(void* handle) {
  constexpr std::uintptr_t CU_STREAM_LEGACY = 1;
  if (handle == nullptr || handle == &the_legacy_stream || reinterpret_cast<std::uintptr_t>(handle) == CU_STREAM_LEGACY)
    return &the_legacy_stream;
  const auto found = streams.find(handle);
  return found == streams.end() ? nullptr : found->second.get();
}

CUresult submit(void* handle, NodeKind kind, StreamWork work) {
  Stream* stream = find_stream(handle);
  if (stream == nullptr) return no_stream();
  if (stream->capture != nullptr) return capture_node(*stream, kind, std::move(work));
  if (stream == &the_legacy_stream) {
    if (CUresult status = refuse_implicit_dependency("work on the legacy stream")) return status;
  }
  const std::uint64_t sequence = next_sequence++;
  stream->queue.push_back({sequence, std::move(work), {}});
  if (eager()) run_until(*stream, sequence);
  return SUCCESS;
}

CUresult submit_and_wait(const char* call, NodeKind kind, StreamWork work) {
  if (CUresult status = refuse_implicit_dependency(call)) return status;
  if (CUresult status = refuse_as_unsafe(call)) return status;
  if (CUresult status = submit(nullptr, kind, std::move(work))) return status;
  run_until(the_legacy_stream, EVERYTHING);
  // The legacy stream waits for the blocking ones, even for what came with nothing behind it.
  return sticky_status();
}

CUresult wait_for_stream(const char* call, void* handle) {
  Stream* stream = find_stream(handle);
  if (stream == nullptr) return no_stream();
  if (CUresult status = refuse_if_capturing(*stream, call)) return status;
  if (stream == &the_legacy_stream) {
    if (CUresult status = refuse_implicit_dependency(call)) return status;
    for (const auto& [other, blocking] : streams) {
      if (blocking->is_blocking()) run_until(*blocking, EVERYTHING);
    }
  }
  run_until(*stream, EVERYTHING);
  return look_at_canaries();
}

CUresult run_all_streams() {
  const bool in_order = kernel_schedule() < 2;
  for (;;) {
    std::vector<Stream*> waiting;
    for (Stream* stream : all_streams()) {
      if (!stream->queue.empty()) waiting.push_back(stream);
    }
    if (waiting.empty()) return sticky_status();
    Stream* next = waiting[0];
    if (in_order) {
      for (Stream* stream : waiting) {
        if (stream->queue.front().sequence < next->queue.front().sequence) next = stream;
      }
    } else {
      next = waiting[schedule_random() % waiting.size()];
    }
    run_until(*next, next->queue.front().sequence);
  }
}

void drop_streams() {
  drop_graphs();
  the_legacy_stream.queue.clear();
  streams.clear();
  events.clear();
}

// ---- The driver's functions ----

DRIVER_API CUresult cuStreamCreateWithPriority(void** handle, unsigned flags, int priority) {
  Lock lock(guard);
  if (CUresult status = enter("cuStreamCreate")) return status;
  if (flags > 1) return fail(INVALID_VALUE, "a stream has no flags " + std::to_string(flags));
  auto stream = std::make_unique<Stream>(Stream{flags, priority, {}, nullptr, {}});
  *handle = stream.get();
  streams[*handle] = std::move(stream);
  return SUCCESS;
}

DRIVER_API CUresult cuStreamCreate(void** handle, unsigned flags) { return cuStreamCreateWithPriority(handle, flags, 0); }

DRIVER_API CUresult cuStreamDestroy_v2(void* handle) {
  Lock lock(guard);
  if (CUresult status = enter("cuStreamDestroy")) return status;
  Stream* stream = find_stream(handle);
  if (stream == nullptr || stream == &the_legacy_stream) return no_stream();
  if (CUresult status = refuse_if_capturing(*stream, "cuStreamDestroy")) return status;
  // The driver lets it finish; nobody can wait for it any more, so now.
  run_until(*stream, EVERYTHING);
  streams.erase(handle);
  return SUCCESS;
}

DRIVER_API CUresult cuStreamSynchronize(void* handle) {
  Lock lock(guard);
  if (CUresult status = enter("cuStreamSynchronize")) return status;
  return wait_for_stream("cuStreamSynchronize", handle);
}

// Work that waits runs now, but is not seen to be done before the next query: whoever polls must see both answers.
DRIVER_API CUresult cuStreamQuery(void* handle) {
  Lock lock(guard);
  if (CUresult status = enter("cuStreamQuery")) return status;
  Stream* stream = find_stream(handle);
  if (stream == nullptr) return no_stream();
  if (CUresult status = refuse_if_capturing(*stream, "cuStreamQuery")) return status;
  if (stream->queue.empty()) return SUCCESS;
  run_until(*stream, EVERYTHING);
  if (CUresult status = sticky_status()) return status;
  return fail(NOT_READY, "the stream still has work to do");
}

DRIVER_API CUresult cuStreamGetFlags(void* handle, unsigned* flags) {
  Lock lock(guard);
  if (CUresult status = enter("cuStreamGetFlags")) return status;
  const Stream* stream = find_stream(handle);
  if (stream == nullptr) return no_stream();
  *flags = stream->flags;
  return SUCCESS;
}

DRIVER_API CUresult cuStreamGetPriority(void* handle, int* priority) {
  Lock lock(guard);
  if (CUresult status = enter("cuStreamGetPriority")) return status;
  const Stream* stream = find_stream(handle);
  if (stream == nullptr) return no_stream();
  *priority = stream->priority;
  return SUCCESS;
}

DRIVER_API CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  Lock lock(guard);
  if (CUresult status = enter("cuCtxGetStreamPriorityRange")) return status;
  *least = 0;
  *greatest = -5;
  return SUCCESS;
}

DRIVER_API CUresult cuStreamWaitEvent(void* handle, Event* event, unsigned flags) {
  Lock lock(guard);
  if (CUresult status = enter("cuStreamWaitEvent")) return status;
  Stream* stream = find_stream(handle);
  if (stream == nullptr) return no_stream();
  if (find_event(event) == nullptr) return no_event();
  if (flags != 0) return fail(INVALID_VALUE, "the double knows no flags " + std::to_string(flags) + " of a wait");
  if (stream->capture != nullptr || event->capture != nullptr) return wait_in_capture(*stream, *event);
  if (event->record == nullptr || event->record->done) return SUCCESS;
  const std::uint64_t sequence = next_sequence++;
  stream->queue.push_back({sequence, []() -> CUresult { return SUCCESS; }, {event->record}});
  return SUCCESS;
}

DRIVER_API CUresult cuEventCreate(Event** event, unsigned flags) {
  Lock lock(guard);
  if (CUresult status = enter("cuEventCreate")) return status;
  auto created = std::make_unique<Event>(Event{flags, nullptr, nullptr, {}});
  *event = created.get();
  events[*event] = std::move(created);
  return SUCCESS;
}

DRIVER_API CUresult cuEventDestroy_v2(Event* event) {
  Lock lock(guard);
  if (CUresult status = enter("cuEventDestroy")) return status;
  return events.erase(event) == 0 ? no_event() : CUresult{SUCCESS};
}

DRIVER_API CUresult cuEventRecord(Event* event, void* handle) {
  Lock lock(guard);
  if (CUresult status = enter("cuEventRecord")) return status;
  Stream* stream = find_stream(handle);
  if (stream == nullptr) return no_stream();
  if (find_event(event) == nullptr) return no_event();
  if (stream->capture != nullptr) {
    if (!stream->capture->invalid.empty()) return fail(STREAM_CAPTURE_INVALIDATED, stream->capture->invalid);
    event->record = nullptr;
    event->capture = stream->capture;
    event->nodes = stream->frontier;
    return SUCCESS;
  }
  if (stream == &the_legacy_stream) {
    if (CUresult status = refuse_implicit_dependency("cuEventRecord")) return status;
  }
  event->capture = nullptr;
  enqueue_record(*stream, *event);
  return SUCCESS;
}

DRIVER_API CUresult cuEventRecordWithFlags(Event* event, void* handle, unsigned) { return cuEventRecord(event, handle); }

DRIVER_API CUresult cuEventSynchronize(Event* event) {
  Lock lock(guard);
  if (CUresult status = enter("cuEventSynchronize")) return status;
  if (find_event(event) == nullptr) return no_event();
  if (CUresult status = refuse_captured(*event, "cuEventSynchronize")) return status;
  if (event->record != nullptr && !event->record->done && find_stream(event->record->stream) != nullptr)
    run_until(*event->record->stream, event->record->sequence);
  return sticky_status();
}

DRIVER_API CUresult cuEventQuery(Event* event) {
  Lock lock(guard);
  if (CUresult status = enter("cuEventQuery")) return status;
  if (find_event(event) == nullptr) return no_event();
  if (CUresult status = refuse_captured(*event, "cuEventQuery")) return status;
  if (CUresult status = refuse_as_unsafe("cuEventQuery")) return status;
  if (event->record == nullptr || event->record->done) return SUCCESS;
  if (find_stream(event->record->stream) != nullptr) run_until(*event->record->stream, event->record->sequence);
  if (CUresult status = sticky_status()) return status;
  return fail(NOT_READY, "the work before the event is not done");
}

DRIVER_API CUresult cuEventElapsedTime(float* milliseconds, Event* start, Event* end) {
  Lock lock(guard);
  if (CUresult status = enter("cuEventElapsedTime")) return status;
  constexpr unsigned DISABLE_TIMING = 2;
  for (Event* event : {start, end}) {
    if (find_event(event) == nullptr) return no_event();
    if (CUresult status = refuse_captured(*event, "cuEventElapsedTime")) return status;
    if ((event->flags & DISABLE_TIMING) != 0) return fail(INVALID_HANDLE, "the event was created to take no time");
    if (event->record == nullptr) return fail(INVALID_HANDLE, "the event was not recorded");
    if (!event->record->done) return fail(NOT_READY, "the work before the event is not done");
  }
  *milliseconds = std::chrono::duration<float, std::milli>(end->record->when - start->record->when).count();
  return SUCCESS;
}

// How many of a test's streams and events were not destroyed.
DRIVER_API std::uint64_t impromptu_double_live_streams() {
  Lock lock(guard);
  return streams.size();
}

DRIVER_API std::uint64_t impromptu_double_live_events() {
  Lock lock(guard);
  return events.size();
}
