// The CUresult values that the double gives, and their names.
#pragma once

#define CUDA_STATUSES(X)                                                                              \
  X(SUCCESS, 0, "no error")                                                                           \
  X(INVALID_VALUE, 1, "invalid argument")                                                             \
  X(OUT_OF_MEMORY, 2, "out of memory")                                                                \
  X(NOT_INITIALIZED, 3, "initialization error")                                                       \
  X(DEINITIALIZED, 4, "driver shutting down")                                                         \
  X(DEVICE_UNAVAILABLE, 46, "the device is busy or unavailable")                                      \
  X(NO_DEVICE, 100, "no CUDA-capable device is detected")                                             \
  X(INVALID_DEVICE, 101, "invalid device ordinal")                                                    \
  X(INVALID_CONTEXT, 201, "invalid device context")                                                   \
  X(INVALID_PTX, 218, "a PTX JIT compilation failed")                                                 \
  X(UNSUPPORTED_PTX_VERSION, 222, "the provided PTX was compiled with an unsupported toolchain")      \
  X(INVALID_HANDLE, 400, "invalid resource handle")                                                   \
  X(ILLEGAL_STATE, 401, "the operation cannot be performed in the present state")                     \
  X(NOT_FOUND, 500, "named symbol not found")                                                         \
  X(NOT_READY, 600, "device not ready")                                                               \
  X(ILLEGAL_ADDRESS, 700, "an illegal memory access was encountered")                                 \
  X(LAUNCH_OUT_OF_RESOURCES, 701, "too many resources requested for launch")                          \
  X(LAUNCH_TIMEOUT, 702, "the launch timed out and was terminated")                                   \
  X(MISALIGNED_ADDRESS, 716, "misaligned address")                                                    \
  X(LAUNCH_FAILED, 719, "unspecified launch failure")                                                 \
  X(STREAM_CAPTURE_UNSUPPORTED, 900, "operation not permitted when stream is capturing")              \
  X(STREAM_CAPTURE_INVALIDATED, 901, "operation failed due to a previous error during capture")       \
  X(STREAM_CAPTURE_MERGE, 902, "operation would result in a merge of separate capture sequences")     \
  X(STREAM_CAPTURE_UNMATCHED, 903, "capture was not ended in the same stream as it began")            \
  X(STREAM_CAPTURE_UNJOINED, 904, "capturing stream has unjoined work")                               \
  X(STREAM_CAPTURE_ISOLATION, 905, "dependency created on uncaptured work in another stream")         \
  X(STREAM_CAPTURE_IMPLICIT, 906, "operation would make the legacy stream depend on a capturing blocking stream") \
  X(CAPTURED_EVENT, 907, "operation not permitted on an event last recorded in a capturing stream")   \
  X(STREAM_CAPTURE_WRONG_THREAD, 908, "attempt to terminate a thread-local capture sequence from another thread") \
  X(INVALID_CLUSTER_SIZE, 912, "invalid cluster configuration")                                       \
  X(UNKNOWN, 999, "unknown error")

using CUresult = int;

#define CUDA_STATUS_ENTRY(name, number, text) name = number,
enum CudaStatus : CUresult { CUDA_STATUSES(CUDA_STATUS_ENTRY) };
#undef CUDA_STATUS_ENTRY
