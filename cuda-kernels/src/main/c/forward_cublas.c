// Stands in for libcublas.so.12 where only libcublas.so.13 is there. No signature and no status of these functions
// changed between the two.
#define TARGET "libcublas.so.13"
#define NOT_INITIALIZED 1
#define NOT_SUPPORTED 15
#define OLD_STATUS(status) (status)

#include "forward.h"

FORWARD(cublasCreate_v2, (void** handle), (handle))
FORWARD(cublasDestroy_v2, (void* handle), (handle))
FORWARD(cublasGetVersion_v2, (void* handle, int* version), (handle, version))
FORWARD(cublasSetStream_v2, (void* handle, void* stream), (handle, stream))
FORWARD(cublasSetWorkspace_v2, (void* handle, void* memory, size_t bytes), (handle, memory, bytes))
FORWARD(cublasSetPointerMode_v2, (void* handle, int mode), (handle, mode))
FORWARD(cublasGemmEx,
        (void* handle, int opa, int opb, int m, int n, int k, const void* alpha, const void* a, int typea, int lda,
         const void* b, int typeb, int ldb, const void* beta, void* c, int typec, int ldc, int compute, int algorithm),
        (handle, opa, opb, m, n, k, alpha, a, typea, lda, b, typeb, ldb, beta, c, typec, ldc, compute, algorithm))
FORWARD(cublasGemmStridedBatchedEx,
        (void* handle, int opa, int opb, int m, int n, int k, const void* alpha, const void* a, int typea, int lda,
         long long stridea, const void* b, int typeb, int ldb, long long strideb, const void* beta, void* c, int typec,
         int ldc, long long stridec, int count, int compute, int algorithm),
        (handle, opa, opb, m, n, k, alpha, a, typea, lda, stridea, b, typeb, ldb, strideb, beta, c, typec, ldc, stridec,
         count, compute, algorithm))

EXPORTED const char* cublasGetStatusString(int status) {
  static void* slot;
  const char* (*real)(int) = (const char* (*)(int))function(&slot, "cublasGetStatusString");
  return real == NULL ? TARGET " could not be opened" : real(status);
}
