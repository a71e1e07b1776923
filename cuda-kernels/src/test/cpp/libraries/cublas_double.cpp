// A stand-in cuBLAS: the functions that we call, as plain loops on the driver double's memory and streams. Built as
// libcublas.so.12 and, for the tests of the forwarding library, as libcublas.so.13 (RELEASE).
//
// It refuses what the library refuses, and operands that are not inside one allocation; which and why stands in
// cublasGetStatusString. It also refuses to be captured without a workspace of its own, where the library would
// allocate.
#include "library_double.h"

using namespace library_double;

namespace {

enum : int {
  CUBLAS_SUCCESS = 0,
  CUBLAS_NOT_INITIALIZED = 1,
  CUBLAS_ALLOC_FAILED = 3,
  CUBLAS_INVALID_VALUE = 7,
  CUBLAS_EXECUTION_FAILED = 13,
  CUBLAS_NOT_SUPPORTED = 15,
};
enum : int { REAL_32F = 0, REAL_16BF = 14 };
enum : int { COMPUTE_32F = 68, COMPUTE_32F_FAST_TF32 = 77 };

struct Handle {
  void* stream = nullptr;
  void* workspace = nullptr;
  std::size_t bytes = 0;
};

std::set<Handle*> handles;

struct Factors {
  int transposed_a, transposed_b, m, n, k;
  const void* a;
  int type_a, row_a;
  long long step_a;
  const void* b;
  int type_b, row_b;
  long long step_b;
  float* c;
  int type_c, row_c;
  long long step_c;
  int count, compute;
};

std::size_t extent(int rows, int columns, int row, long long step, int count) {
  return static_cast<std::size_t>(count - 1) * step + static_cast<std::size_t>(columns - 1) * row + rows;
}

// cuBLAS thinks in columns: element [r, c] is at r + c * row.
Matrix matrix(const void* data, std::size_t size, int transposed, int row, long long offset) {
  const auto* start = static_cast<const char*>(data) + offset * static_cast<long long>(size);
  const auto step = static_cast<std::size_t>(row);
  return transposed ? Matrix{start, step, 1} : Matrix{start, 1, step};
}

int gemm(const char* call, Handle* handle, const Factors& f, const void* alpha, const void* beta) {
  if (int status = asked_for(call)) return status;
  {
    std::lock_guard<std::mutex> lock(guard);
    if (handles.count(handle) == 0)
      return fail(CUBLAS_NOT_INITIALIZED, "the handle was not created, or destroyed already");
  }
  if (f.m < 0 || f.n < 0 || f.k < 0 || f.count < 0) return fail(CUBLAS_INVALID_VALUE, "a size is negative");
  if ((f.transposed_a | f.transposed_b) & ~1) return fail(CUBLAS_INVALID_VALUE, "an operation is neither N nor T");
  const int rows_a = f.transposed_a ? f.k : f.m, rows_b = f.transposed_b ? f.n : f.k;
  if (f.row_a < std::max(1, rows_a)) return fail(CUBLAS_INVALID_VALUE, "lda is less than A's rows");
  if (f.row_b < std::max(1, rows_b)) return fail(CUBLAS_INVALID_VALUE, "ldb is less than B's rows");
  if (f.row_c < std::max(1, f.m)) return fail(CUBLAS_INVALID_VALUE, "ldc is less than C's rows");
  if (alpha == nullptr || beta == nullptr) return fail(CUBLAS_INVALID_VALUE, "alpha or beta is null");
  Factor kind;
  if (f.type_a == REAL_32F && f.compute == COMPUTE_32F) {
    kind = Factor::FP32;
  } else if (f.type_a == REAL_32F && f.compute == COMPUTE_32F_FAST_TF32) {
    kind = Factor::TF32;
  } else if (f.type_a == REAL_16BF && f.compute == COMPUTE_32F) {
    kind = Factor::BF16;
  } else {
    return fail(CUBLAS_NOT_SUPPORTED, "the double has no such type with this compute type");
  }
  if (f.type_b != f.type_a || f.type_c != REAL_32F)
    return fail(CUBLAS_NOT_SUPPORTED, "A and B have one type, C is float32");
  if (f.m == 0 || f.n == 0 || f.k == 0 || f.count == 0) return CUBLAS_SUCCESS;
  const std::size_t size = kind == Factor::BF16 ? 2 : 4;
  const Operands operands{{"A", f.a, extent(rows_a, f.transposed_a ? f.m : f.k, f.row_a, f.step_a, f.count), size},
                      {"B", f.b, extent(rows_b, f.transposed_b ? f.k : f.n, f.row_b, f.step_b, f.count), size},
                      {"C", f.c, extent(f.m, f.n, f.row_c, f.step_c, f.count)}};
  if (!live(operands)) return CUBLAS_EXECUTION_FAILED;
  if (driver_double::capture_state(handle->stream) != driver_double::CaptureState::NONE && handle->workspace == nullptr)
    return fail(CUBLAS_ALLOC_FAILED, "nothing can be allocated while a stream is captured; set a workspace");
  const float by = *static_cast<const float*>(alpha), add = *static_cast<const float*>(beta);
  return enqueue(CUBLAS_EXECUTION_FAILED, handle->stream, call, operands, [f, kind, size, by, add] {
    for (int i = 0; i < f.count; i++)
      multiply(kind, f.m, f.n, f.k, by, matrix(f.a, size, f.transposed_a, f.row_a, i * f.step_a),
               matrix(f.b, size, f.transposed_b, f.row_b, i * f.step_b), add, f.c + i * f.step_c, 1, f.row_c);
  });
}

}  // namespace

LIBRARY_API const char* cublasGetStatusString(int status) {
  static thread_local std::string copy;
  copy = what_happened.empty() ? "status " + std::to_string(status) : what_happened;
  return copy.c_str();
}

LIBRARY_API int cublasCreate_v2(Handle** handle) {
  if (int status = asked_for("cublasCreate")) return status;
  if (!driver_double::has_context()) return fail(CUBLAS_NOT_INITIALIZED, "this thread has no current context");
  std::lock_guard<std::mutex> lock(guard);
  make(handle, "handles");
  handles.insert(*handle);
  return CUBLAS_SUCCESS;
}

LIBRARY_API int cublasDestroy_v2(Handle* handle) {
  if (int status = asked_for("cublasDestroy")) return status;
  std::lock_guard<std::mutex> lock(guard);
  if (handles.erase(handle) == 0)
    return fail(CUBLAS_NOT_INITIALIZED, "the handle was not created, or destroyed already");
  destroy(handle, "handles");
  return CUBLAS_SUCCESS;
}

LIBRARY_API int cublasGetVersion_v2(Handle*, int* version) {
  *version = RELEASE * 10000 + 600;
  return CUBLAS_SUCCESS;
}

// Takes the workspace away, as the library does.
LIBRARY_API int cublasSetStream_v2(Handle* handle, void* stream) {
  if (int status = asked_for("cublasSetStream")) return status;
  *handle = Handle{stream, nullptr, 0};
  return CUBLAS_SUCCESS;
}

LIBRARY_API int cublasSetWorkspace_v2(Handle* handle, void* workspace, std::size_t bytes) {
  if (int status = asked_for("cublasSetWorkspace")) return status;
  if (reinterpret_cast<std::uintptr_t>(workspace) % 256 != 0)
    return fail(CUBLAS_INVALID_VALUE, "the workspace is not aligned to 256 bytes");
  if (!live({{"the workspace", workspace, bytes, 1}})) return CUBLAS_INVALID_VALUE;
  handle->workspace = workspace;
  handle->bytes = bytes;
  return CUBLAS_SUCCESS;
}

LIBRARY_API int cublasSetPointerMode_v2(Handle*, int mode) {
  if (int status = asked_for("cublasSetPointerMode")) return status;
  return mode == 0 ? CUBLAS_SUCCESS : fail(CUBLAS_NOT_SUPPORTED, "the double reads alpha and beta on the host only");
}

LIBRARY_API int cublasGemmEx(Handle* handle, int transposed_a, int transposed_b, int m, int n, int k,
                             const void* alpha, const void* a, int type_a, int row_a, const void* b, int type_b,
                             int row_b, const void* beta, void* c, int type_c, int row_c, int compute, int) {
  return gemm("cublasGemmEx", handle,
              {transposed_a, transposed_b, m, n, k, a, type_a, row_a, 0, b, type_b, row_b, 0, static_cast<float*>(c),
               type_c, row_c, 0, 1, compute},
              alpha, beta);
}

LIBRARY_API int cublasGemmStridedBatchedEx(Handle* handle, int transposed_a, int transposed_b, int m, int n, int k,
                                           const void* alpha, const void* a, int type_a, int row_a, long long step_a,
                                           const void* b, int type_b, int row_b, long long step_b, const void* beta,
                                           void* c, int type_c, int row_c, long long step_c, int count, int compute,
                                           int) {
  return gemm("cublasGemmStridedBatchedEx", handle,
              {transposed_a, transposed_b, m, n, k, a, type_a, row_a, step_a, b, type_b, row_b, step_b,
               static_cast<float*>(c), type_c, row_c, step_c, count, compute},
              alpha, beta);
}
