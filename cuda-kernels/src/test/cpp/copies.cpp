// Copies and fills.
#include "memory.h"
#include "state.h"
#include "streams.h"

#include <cstring>
#include <memory>
#include <vector>

namespace {

CUresult check_range(DevicePointer start, std::size_t bytes) {
  const std::string problem = problem_of_range(start, bytes);
  return problem.empty() ? CUresult{SUCCESS} : fail(INVALID_VALUE, problem);
}

// When it runs, memory that was live when it was asked for may be gone.
CUresult check_when_run(const char* call, DevicePointer start, std::size_t bytes) {
  const std::string problem = problem_of_range(start, bytes);
  if (problem.empty()) return SUCCESS;
  break_context(ILLEGAL_ADDRESS, std::string(call) + ": " + problem);
  return sticky_status();
}

StreamWork to_device(const char* call, DevicePointer to, const void* from, std::size_t bytes) {
  return [=]() -> CUresult {
    if (CUresult status = check_when_run(call, to, bytes)) return status;
    std::memcpy(device_bytes(to), from, bytes);
    counters.bytes_to_device += bytes;
    return SUCCESS;
  };
}

StreamWork to_host(const char* call, void* to, DevicePointer from, std::size_t bytes) {
  return [=]() -> CUresult {
    if (CUresult status = check_when_run(call, from, bytes)) return status;
    std::memcpy(to, device_bytes(from), bytes);
    counters.bytes_to_host += bytes;
    return SUCCESS;
  };
}

StreamWork within_device(const char* call, DevicePointer to, DevicePointer from, std::size_t bytes) {
  return [=]() -> CUresult {
    if (CUresult status = check_when_run(call, to, bytes)) return status;
    if (CUresult status = check_when_run(call, from, bytes)) return status;
    std::memmove(device_bytes(to), device_bytes(from), bytes);
    return SUCCESS;
  };
}

template <typename T>
StreamWork fill(const char* call, DevicePointer to, T value, std::size_t count) {
  return [=]() -> CUresult {
    if (CUresult status = check_when_run(call, to, count * sizeof(T))) return status;
    unsigned char* bytes = device_bytes(to);
    for (std::size_t i = 0; i < count; i++) std::memcpy(bytes + i * sizeof(T), &value, sizeof(T));
    return SUCCESS;
  };
}

bool captures(void* stream) {
  Capturing state = Capturing::NO;
  return capturing(stream, &state) == SUCCESS && state != Capturing::NO;
}

template <typename T>
CUresult set(const char* call, void* stream, DevicePointer to, T value, std::size_t count) {
  Lock lock(guard);
  if (CUresult status = enter(call)) return status;
  if (to % sizeof(T) != 0) return fail(INVALID_VALUE, "the address is not aligned to the value");
  if (CUresult status = check_range(to, count * sizeof(T))) return status;
  return submit(stream, NodeKind::FILL, fill(call, to, value, count));
}

CUresult copy_within(const char* call, void* stream, DevicePointer to, DevicePointer from, std::size_t bytes) {
  Lock lock(guard);
  if (CUresult status = enter(call)) return status;
  if (CUresult status = check_range(to, bytes)) return status;
  if (CUresult status = check_range(from, bytes)) return status;
  return submit(stream, NodeKind::COPY, within_device(call, to, from, bytes));
}

}  // namespace

DRIVER_API CUresult cuMemcpyHtoD_v2(DevicePointer to, const void* from, std::size_t bytes) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemcpyHtoD")) return status;
  if (CUresult status = check_range(to, bytes)) return status;
  return submit_and_wait("cuMemcpyHtoD", NodeKind::COPY, to_device("cuMemcpyHtoD", to, from, bytes));
}

DRIVER_API CUresult cuMemcpyDtoH_v2(void* to, DevicePointer from, std::size_t bytes) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemcpyDtoH")) return status;
  if (CUresult status = check_range(from, bytes)) return status;
  return submit_and_wait("cuMemcpyDtoH", NodeKind::COPY, to_host("cuMemcpyDtoH", to, from, bytes));
}

// Page-locked memory is read when the copy runs, other memory before the call returns: the driver takes a copy of it.
DRIVER_API CUresult cuMemcpyHtoDAsync_v2(DevicePointer to, const void* from, std::size_t bytes, void* stream) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemcpyHtoDAsync")) return status;
  if (CUresult status = check_range(to, bytes)) return status;
  if (is_page_locked(from, bytes) || captures(stream))
    return submit(stream, NodeKind::COPY, to_device("cuMemcpyHtoDAsync", to, from, bytes));
  const auto* start = static_cast<const unsigned char*>(from);
  const auto copy = std::make_shared<std::vector<unsigned char>>(start, start + bytes);
  return submit(stream, NodeKind::COPY, [=]() -> CUresult {
    return to_device("cuMemcpyHtoDAsync", to, copy->data(), bytes)();
  });
}

// To page-locked memory when the copy runs; to other memory before the call returns.
DRIVER_API CUresult cuMemcpyDtoHAsync_v2(void* to, DevicePointer from, std::size_t bytes, void* stream) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemcpyDtoHAsync")) return status;
  if (CUresult status = check_range(from, bytes)) return status;
  if (CUresult status = submit(stream, NodeKind::COPY, to_host("cuMemcpyDtoHAsync", to, from, bytes))) return status;
  if (is_page_locked(to, bytes) || captures(stream)) return SUCCESS;
  return wait_for_stream("cuMemcpyDtoHAsync", stream);
}

DRIVER_API CUresult cuMemcpyDtoD_v2(DevicePointer to, DevicePointer from, std::size_t bytes) {
  return copy_within("cuMemcpyDtoD", nullptr, to, from, bytes);
}

DRIVER_API CUresult cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, std::size_t bytes, void* stream) {
  return copy_within("cuMemcpyDtoDAsync", stream, to, from, bytes);
}

DRIVER_API CUresult cuMemsetD8_v2(DevicePointer to, unsigned char value, std::size_t count) {
  return set("cuMemsetD8", nullptr, to, value, count);
}

DRIVER_API CUresult cuMemsetD8Async(DevicePointer to, unsigned char value, std::size_t count, void* stream) {
  return set("cuMemsetD8Async", stream, to, value, count);
}

DRIVER_API CUresult cuMemsetD32_v2(DevicePointer to, unsigned value, std::size_t count) {
  return set("cuMemsetD32", nullptr, to, value, count);
}

DRIVER_API CUresult cuMemsetD32Async(DevicePointer to, unsigned value, std::size_t count, void* stream) {
  return set("cuMemsetD32Async", stream, to, value, count);
}
