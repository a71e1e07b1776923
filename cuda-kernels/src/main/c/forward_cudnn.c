// Stands in for libcudnn.so.8 where only libcudnn.so.9 is there: the eighth version's RNN calls and the legacy
// convolution calls, whose signatures did not change. The numbers of the statuses did; they are turned back.
#define TARGET "libcudnn.so.9"
#define NOT_INITIALIZED 1
#define NOT_SUPPORTED 9
#define OLD_STATUS(status) old_status(status)

static int old_status(int status);

#include "forward.h"

// The last failure of this thread in the new numbers, which say more.
static _Thread_local int last_failure;

// From cuDNN 9's numbers (grouped by thousands, one group for each old number or two) to cuDNN 8's.
static int old_status(int status) {
  if (status == 0) return 0;
  last_failure = status;
  switch (status) {
    case 1001: return 1;   // NOT_INITIALIZED
    case 1002:             // SUBLIBRARY_VERSION_MISMATCH
    case 1003: return 14;  // SERIALIZATION_VERSION_MISMATCH: VERSION_MISMATCH
    case 1004: return 9;   // DEPRECATED: NOT_SUPPORTED
    case 1005: return 10;  // LICENSE_ERROR
    case 1006: return 12;  // RUNTIME_IN_PROGRESS
    case 1007: return 13;  // RUNTIME_FP_OVERFLOW
    case 1008: return 11;  // SUBLIBRARY_LOADING_FAILED: RUNTIME_PREREQUISITE_MISSING
    case 2001: return 5;   // INVALID_VALUE
    case 3007: return 6;   // NOT_SUPPORTED_ARCH_MISMATCH: ARCH_MISMATCH
    case 3008: return 11;  // NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING
    case 4003:             // INTERNAL_ERROR_HOST_ALLOCATION_FAILED
    case 4004: return 2;   // INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED: ALLOC_FAILED
    default: break;
  }
  switch (status / 1000) {
    case 2: return 3;  // BAD_PARAM
    case 3: return 9;  // NOT_SUPPORTED
    case 5: return 8;  // EXECUTION_FAILED
    default: return 4;  // INTERNAL_ERROR
  }
}

EXPORTED size_t cudnnGetVersion(void) {
  static void* slot;
  size_t (*real)(void) = (size_t(*)(void))function(&slot, "cudnnGetVersion");
  return real == NULL ? 0 : real();
}

// The name of the status in the new numbers where it is the one that this thread met last, and what the library has to
// say about it.
EXPORTED const char* cudnnGetErrorString(int status) {
  static void* slot;
  static void* last_slot;
  static _Thread_local char text[512];
  const char* (*real)(int) = (const char* (*)(int))function(&slot, "cudnnGetErrorString");
  if (real == NULL) return TARGET " could not be opened";
  if (last_failure == 0 || old_status(last_failure) != status) {
    snprintf(text, sizeof text, "status %d of cuDNN 8's numbers", status);
    return text;
  }
  int length = snprintf(text, sizeof text, "%s (%d)", real(last_failure), last_failure);
  void (*last)(char*, size_t) = (void (*)(char*, size_t))function(&last_slot, "cudnnGetLastErrorString");
  if (last != NULL && length + 3 < (int)sizeof text) {
    text[length] = ':';
    text[length + 1] = ' ';
    text[length + 2] = 0;
    last(text + length + 2, sizeof text - length - 2);
    if (text[length + 2] == 0) text[length] = 0;
  }
  return text;
}

FORWARD(cudnnCreate, (void** handle), (handle))
FORWARD(cudnnDestroy, (void* handle), (handle))
FORWARD(cudnnSetStream, (void* handle, void* stream), (handle, stream))

FORWARD(cudnnCreateTensorDescriptor, (void** tensor), (tensor))
FORWARD(cudnnDestroyTensorDescriptor, (void* tensor), (tensor))
FORWARD(cudnnSetTensor4dDescriptor, (void* tensor, int format, int type, int n, int c, int h, int w),
        (tensor, format, type, n, c, h, w))
FORWARD(cudnnSetTensorNdDescriptor, (void* tensor, int type, int count, const int* sizes, const int* strides),
        (tensor, type, count, sizes, strides))
FORWARD(cudnnGetTensorNdDescriptor, (void* tensor, int most, int* type, int* count, int* sizes, int* strides),
        (tensor, most, type, count, sizes, strides))
FORWARD(cudnnAddTensor,
        (void* handle, const void* alpha, void* adesc, const void* a, const void* beta, void* cdesc, void* c),
        (handle, alpha, adesc, a, beta, cdesc, c))

FORWARD(cudnnCreateFilterDescriptor, (void** filter), (filter))
FORWARD(cudnnDestroyFilterDescriptor, (void* filter), (filter))
FORWARD(cudnnSetFilter4dDescriptor, (void* filter, int type, int format, int k, int c, int h, int w),
        (filter, type, format, k, c, h, w))

FORWARD(cudnnCreateConvolutionDescriptor, (void** convolution), (convolution))
FORWARD(cudnnDestroyConvolutionDescriptor, (void* convolution), (convolution))
FORWARD(cudnnSetConvolution2dDescriptor,
        (void* convolution, int padh, int padw, int strideh, int stridew, int dilationh, int dilationw, int mode,
         int type),
        (convolution, padh, padw, strideh, stridew, dilationh, dilationw, mode, type))
FORWARD(cudnnSetConvolutionMathType, (void* convolution, int math), (convolution, math))
FORWARD(cudnnGetConvolutionForwardWorkspaceSize,
        (void* handle, void* x, void* w, void* convolution, void* y, int algorithm, size_t* bytes),
        (handle, x, w, convolution, y, algorithm, bytes))
FORWARD(cudnnGetConvolutionBackwardDataWorkspaceSize,
        (void* handle, void* w, void* dy, void* convolution, void* dx, int algorithm, size_t* bytes),
        (handle, w, dy, convolution, dx, algorithm, bytes))
FORWARD(cudnnGetConvolutionBackwardFilterWorkspaceSize,
        (void* handle, void* x, void* dy, void* convolution, void* dw, int algorithm, size_t* bytes),
        (handle, x, dy, convolution, dw, algorithm, bytes))
FORWARD(cudnnConvolutionForward,
        (void* handle, const void* alpha, void* xdesc, const void* x, void* wdesc, const void* w, void* convolution,
         int algorithm, void* work, size_t bytes, const void* beta, void* ydesc, void* y),
        (handle, alpha, xdesc, x, wdesc, w, convolution, algorithm, work, bytes, beta, ydesc, y))
FORWARD(cudnnConvolutionBackwardData,
        (void* handle, const void* alpha, void* wdesc, const void* w, void* dydesc, const void* dy, void* convolution,
         int algorithm, void* work, size_t bytes, const void* beta, void* dxdesc, void* dx),
        (handle, alpha, wdesc, w, dydesc, dy, convolution, algorithm, work, bytes, beta, dxdesc, dx))
FORWARD(cudnnConvolutionBackwardFilter,
        (void* handle, const void* alpha, void* xdesc, const void* x, void* dydesc, const void* dy, void* convolution,
         int algorithm, void* work, size_t bytes, const void* beta, void* dwdesc, void* dw),
        (handle, alpha, xdesc, x, dydesc, dy, convolution, algorithm, work, bytes, beta, dwdesc, dw))
FORWARD(cudnnConvolutionBackwardBias,
        (void* handle, const void* alpha, void* dydesc, const void* dy, const void* beta, void* dbdesc, void* db),
        (handle, alpha, dydesc, dy, beta, dbdesc, db))

FORWARD(cudnnCreateDropoutDescriptor, (void** dropout), (dropout))
FORWARD(cudnnDestroyDropoutDescriptor, (void* dropout), (dropout))
FORWARD(cudnnSetDropoutDescriptor,
        (void* dropout, void* handle, float rate, void* states, size_t bytes, unsigned long long seed),
        (dropout, handle, rate, states, bytes, seed))

FORWARD(cudnnCreateRNNDescriptor, (void** rnn), (rnn))
FORWARD(cudnnDestroyRNNDescriptor, (void* rnn), (rnn))
FORWARD(cudnnSetRNNDescriptor_v8,
        (void* rnn, int algorithm, int cell, int bias, int direction, int input, int type, int precision, int math,
         int32_t inputs, int32_t hidden, int32_t projection, int32_t layers, void* dropout, uint32_t flags),
        (rnn, algorithm, cell, bias, direction, input, type, precision, math, inputs, hidden, projection, layers,
         dropout, flags))
FORWARD(cudnnBuildRNNDynamic, (void* handle, void* rnn, int batch), (handle, rnn, batch))
FORWARD(cudnnGetRNNWeightSpaceSize, (void* handle, void* rnn, size_t* bytes), (handle, rnn, bytes))
FORWARD(cudnnGetRNNTempSpaceSizes, (void* handle, void* rnn, int mode, void* x, size_t* work, size_t* reserve),
        (handle, rnn, mode, x, work, reserve))
FORWARD(cudnnGetRNNWeightParams,
        (void* handle, void* rnn, int32_t layer, size_t bytes, const void* weights, int32_t id, void* matrix,
         void** matrix_address, void* bias, void** bias_address),
        (handle, rnn, layer, bytes, weights, id, matrix, matrix_address, bias, bias_address))
FORWARD(cudnnCreateRNNDataDescriptor, (void** data), (data))
FORWARD(cudnnDestroyRNNDataDescriptor, (void* data), (data))
FORWARD(cudnnSetRNNDataDescriptor,
        (void* data, int type, int layout, int time, int batch, int size, const int* lengths, void* padding),
        (data, type, layout, time, batch, size, lengths, padding))
FORWARD(cudnnRNNForward,
        (void* handle, void* rnn, int mode, const int32_t* lengths, void* xdesc, const void* x, void* ydesc, void* y,
         void* hdesc, const void* hx, void* hy, void* cdesc, const void* cx, void* cy, size_t weight_bytes,
         const void* weights, size_t work_bytes, void* work, size_t reserve_bytes, void* reserve),
        (handle, rnn, mode, lengths, xdesc, x, ydesc, y, hdesc, hx, hy, cdesc, cx, cy, weight_bytes, weights,
         work_bytes, work, reserve_bytes, reserve))
FORWARD(cudnnRNNBackwardData_v8,
        (void* handle, void* rnn, const int32_t* lengths, void* ydesc, const void* y, const void* dy, void* xdesc,
         void* dx, void* hdesc, const void* hx, const void* dhy, void* dhx, void* cdesc, const void* cx,
         const void* dcy, void* dcx, size_t weight_bytes, const void* weights, size_t work_bytes, void* work,
         size_t reserve_bytes, void* reserve),
        (handle, rnn, lengths, ydesc, y, dy, xdesc, dx, hdesc, hx, dhy, dhx, cdesc, cx, dcy, dcx, weight_bytes, weights,
         work_bytes, work, reserve_bytes, reserve))
FORWARD(cudnnRNNBackwardWeights_v8,
        (void* handle, void* rnn, int add, const int32_t* lengths, void* xdesc, const void* x, void* hdesc,
         const void* hx, void* ydesc, const void* y, size_t weight_bytes, void* dweights, size_t work_bytes, void* work,
         size_t reserve_bytes, void* reserve),
        (handle, rnn, add, lengths, xdesc, x, hdesc, hx, ydesc, y, weight_bytes, dweights, work_bytes, work,
         reserve_bytes, reserve))
