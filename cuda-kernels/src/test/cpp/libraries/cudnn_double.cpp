// A stand-in cuDNN: handles, tensors and the legacy convolution calls; cudnn_rnn_double.cpp has the recurrent ones.
// Plain loops on the driver double's memory and streams. Built as libcudnn.so.8 and, for the tests of the forwarding
// library, as libcudnn.so.9, whose statuses have other numbers (RELEASE).
//
// Convolutions are what we use: float32 in NCHW of height 1, no padding, stride 1, one group. What the library's
// documentation refuses is refused, which and why stands in cudnnGetErrorString.
#include "cudnn_double.h"

using namespace library_double;

namespace {

struct Filter {
  int outputs = 0, inputs = 0, taps = 0;
  std::size_t elements() const { return static_cast<std::size_t>(outputs) * inputs * taps; }
};

struct Convolution {
  int dilation = 0;
  int math = 0;
};

// The algorithms that take a dilation: the implicit products of each direction.
bool implicit_forward(int algorithm) { return algorithm == 0 || algorithm == 1; }
bool implicit_backward(int algorithm) { return algorithm == 0 || algorithm == 1; }

int check_shape(const Tensor* x, const Filter* w, const Convolution* convolution, const Tensor* y, bool implicit,
                int algorithm, int algorithms) {
  if (x->sizes.size() != 4 || y->sizes.size() != 4) return fail(CUDNN_BAD_PARAM, "a tensor was not set");
  if (algorithm < 0 || algorithm >= algorithms) return fail(CUDNN_BAD_PARAM, "there is no such algorithm");
  if (x->sizes[1] != w->inputs) return fail(CUDNN_BAD_PARAM, "input and filter have different numbers of channels");
  const int time = x->sizes[3] - (w->taps - 1) * convolution->dilation;
  if (y->sizes[0] != x->sizes[0] || y->sizes[1] != w->outputs || y->sizes[2] != 1 || y->sizes[3] != time || time < 1)
    return fail(CUDNN_BAD_PARAM, "the output's shape is not what input, filter and dilation make");
  if (!implicit && convolution->dilation != 1)
    return fail(CUDNN_NOT_SUPPORTED, "algorithm " + std::to_string(algorithm) + " takes no dilation");
  if (!implicit && algorithm > 3)
    return fail(CUDNN_NOT_SUPPORTED, "algorithm " + std::to_string(algorithm) + " takes no kernel of height 1");
  return CUDNN_SUCCESS;
}

std::size_t work_bytes(int algorithm) { return 512 * static_cast<std::size_t>(1 + algorithm); }

int check_work(const void* work, std::size_t bytes, int algorithm) {
  if (bytes < work_bytes(algorithm))
    return fail(CUDNN_BAD_PARAM, "the workspace has " + std::to_string(bytes) + " bytes instead of " +
                               std::to_string(work_bytes(algorithm)));
  return live({{"the workspace", work, bytes, 1}}) ? CUDNN_SUCCESS : CUDNN_EXECUTION_FAILED;
}

struct Sizes {
  std::size_t batch, inputs, padded, outputs, time, taps, dilation;
};

Sizes sizes(const Tensor* x, const Filter* w, const Convolution* convolution, const Tensor* y) {
  auto of = [](int size) { return static_cast<std::size_t>(size); };
  return {of(x->sizes[0]), of(x->sizes[1]), of(x->sizes[3]), of(y->sizes[1]),
          of(y->sizes[3]), of(w->taps),     of(convolution->dilation)};
}

}  // namespace

LIBRARY_API std::size_t cudnnGetVersion() { return RELEASE == 8 ? 8907 : 91002; }

LIBRARY_API const char* cudnnGetErrorString(int status) {
  static thread_local std::string copy;
  copy = RELEASE == 8 && !what_happened.empty() ? what_happened : "status " + std::to_string(status);
  return copy.c_str();
}

#if RELEASE == 9
LIBRARY_API void cudnnGetLastErrorString(char* text, std::size_t bytes) {
  std::strncpy(text, what_happened.c_str(), bytes - 1);
  text[bytes - 1] = 0;
}
#endif

LIBRARY_API int cudnnCreate(Handle** handle) {
  if (int status = asked_for("cudnnCreate")) return status;
  if (!driver_double::has_context()) return fail(CUDNN_NOT_INITIALIZED, "this thread has no current context");
  make(handle, "handles");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnDestroy(Handle* handle) {
  if (int status = asked_for("cudnnDestroy")) return status;
  destroy(handle, "handles");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnSetStream(Handle* handle, void* stream) {
  handle->stream = stream;
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnCreateTensorDescriptor(Tensor** tensor) {
  if (int status = asked_for("cudnnCreateTensorDescriptor")) return status;
  make(tensor, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnDestroyTensorDescriptor(Tensor* tensor) {
  if (int status = asked_for("cudnnDestroyTensorDescriptor")) return status;
  destroy(tensor, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnSetTensorNdDescriptor(Tensor* tensor, int type, int count, const int* sizes, const int* strides) {
  if (type != DATA_FLOAT) return fail(CUDNN_NOT_SUPPORTED, "the double computes in float32 only");
  for (int i = 0; i < count; i++)
    if (sizes[i] < 1) return fail(CUDNN_BAD_PARAM, "a tensor has an empty dimension");
  *tensor = {type, {sizes, sizes + count}, {strides, strides + count}};
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnSetTensor4dDescriptor(Tensor* tensor, int format, int type, int n, int c, int h, int w) {
  if (format != 0 || h != 1) return fail(CUDNN_NOT_SUPPORTED, "the double knows NCHW of height 1 only");
  const int sizes[] = {n, c, h, w}, strides[] = {c * h * w, h * w, w, 1};
  return cudnnSetTensorNdDescriptor(tensor, type, 4, sizes, strides);
}

LIBRARY_API int cudnnCreateFilterDescriptor(Filter** filter) {
  if (int status = asked_for("cudnnCreateFilterDescriptor")) return status;
  make(filter, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnDestroyFilterDescriptor(Filter* filter) {
  if (int status = asked_for("cudnnDestroyFilterDescriptor")) return status;
  destroy(filter, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnSetFilter4dDescriptor(Filter* filter, int type, int format, int k, int c, int h, int w) {
  if (type != DATA_FLOAT || format != 0 || h != 1)
    return fail(CUDNN_NOT_SUPPORTED, "the double knows float32 filters in NCHW of height 1 only");
  if (k < 1 || c < 1 || w < 1) return fail(CUDNN_BAD_PARAM, "a filter has an empty dimension");
  *filter = {k, c, w};
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnCreateConvolutionDescriptor(Convolution** convolution) {
  if (int status = asked_for("cudnnCreateConvolutionDescriptor")) return status;
  make(convolution, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnDestroyConvolutionDescriptor(Convolution* convolution) {
  if (int status = asked_for("cudnnDestroyConvolutionDescriptor")) return status;
  destroy(convolution, "descriptors");
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnSetConvolution2dDescriptor(Convolution* convolution, int pad_h, int pad_w, int stride_h,
                                                int stride_w, int dilation_h, int dilation_w, int mode, int type) {
  if (pad_h != 0 || pad_w != 0 || stride_h != 1 || stride_w != 1 || dilation_h != 1 || mode != 1 || type != DATA_FLOAT)
    return fail(CUDNN_NOT_SUPPORTED, "the double knows cross-correlation in float32 with stride 1 and no padding only");
  if (dilation_w < 1) return fail(CUDNN_BAD_PARAM, "the dilation is less than 1");
  convolution->dilation = dilation_w;
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnSetConvolutionMathType(Convolution* convolution, int math) {
  convolution->math = math;
  return CUDNN_SUCCESS;
}

LIBRARY_API int cudnnGetConvolutionForwardWorkspaceSize(Handle*, Tensor* x, Filter* w, Convolution* convolution,
                                                        Tensor* y, int algorithm, std::size_t* bytes) {
  *bytes = work_bytes(algorithm);
  return check_shape(x, w, convolution, y, implicit_forward(algorithm), algorithm, 8);
}

LIBRARY_API int cudnnGetConvolutionBackwardDataWorkspaceSize(Handle*, Filter* w, Tensor* dy, Convolution* convolution,
                                                             Tensor* dx, int algorithm, std::size_t* bytes) {
  *bytes = work_bytes(algorithm);
  return check_shape(dx, w, convolution, dy, implicit_backward(algorithm), algorithm, 6);
}

LIBRARY_API int cudnnGetConvolutionBackwardFilterWorkspaceSize(Handle*, Tensor* x, Tensor* dy,
                                                               Convolution* convolution, Filter* dw, int algorithm,
                                                               std::size_t* bytes) {
  *bytes = work_bytes(algorithm);
  return check_shape(x, dw, convolution, dy, implicit_backward(algorithm) || algorithm == 3, algorithm, 7);
}

LIBRARY_API int cudnnConvolutionForward(Handle* handle, const float* alpha, Tensor* xd, const float* x, Filter* wd,
                                        const float* w, Convolution* convolution, int algorithm, void* work,
                                        std::size_t bytes, const float* beta, Tensor* yd, float* y) {
  if (int status = asked_for("cudnnConvolutionForward")) return status;
  if (int status = check_shape(xd, wd, convolution, yd, implicit_forward(algorithm), algorithm, 8)) return status;
  if (int status = check_work(work, bytes, algorithm)) return status;
  const Operands operands{{"x", x, xd->elements()}, {"w", w, wd->elements()}, {"y", y, yd->elements()}};
  if (!live(operands)) return CUDNN_EXECUTION_FAILED;
  const Sizes s = sizes(xd, wd, convolution, yd);
  const float by = *alpha, add = *beta;
  const Factor kind = factor_of(convolution->math);
  return enqueue(CUDNN_EXECUTION_FAILED, handle->stream, "cudnnConvolutionForward", operands, [=] {
    for (std::size_t b = 0; b < s.batch; b++)
      for (std::size_t tap = 0; tap < s.taps; tap++)
        multiply(kind, s.outputs, s.time, s.inputs, by, {w + tap, s.inputs * s.taps, s.taps},
                 {x + b * s.inputs * s.padded + tap * s.dilation, s.padded, 1}, tap == 0 ? add : 1.0f,
                 y + b * s.outputs * s.time, s.time, 1);
  });
}

LIBRARY_API int cudnnConvolutionBackwardData(Handle* handle, const float* alpha, Filter* wd, const float* w,
                                             Tensor* dyd, const float* dy, Convolution* convolution, int algorithm,
                                             void* work, std::size_t bytes, const float* beta, Tensor* dxd,
                                             float* dx) {
  if (int status = asked_for("cudnnConvolutionBackwardData")) return status;
  if (int status = check_shape(dxd, wd, convolution, dyd, implicit_backward(algorithm), algorithm, 6)) return status;
  if (int status = check_work(work, bytes, algorithm)) return status;
  const Operands operands{{"dy", dy, dyd->elements()}, {"w", w, wd->elements()}, {"dx", dx, dxd->elements()}};
  if (!live(operands)) return CUDNN_EXECUTION_FAILED;
  const Sizes s = sizes(dxd, wd, convolution, dyd);
  const float by = *alpha, add = *beta;
  const Factor kind = factor_of(convolution->math);
  return enqueue(CUDNN_EXECUTION_FAILED, handle->stream, "cudnnConvolutionBackwardData", operands, [=] {
    for (std::size_t i = 0; i < s.batch * s.inputs * s.padded; i++) dx[i] = add == 0.0f ? 0.0f : add * dx[i];
    for (std::size_t b = 0; b < s.batch; b++)
      for (std::size_t tap = 0; tap < s.taps; tap++)
        multiply(kind, s.inputs, s.time, s.outputs, by, {w + tap, s.taps, s.inputs * s.taps},
                 {dy + b * s.outputs * s.time, s.time, 1}, 1.0f, dx + b * s.inputs * s.padded + tap * s.dilation,
                 s.padded, 1);
  });
}

LIBRARY_API int cudnnConvolutionBackwardFilter(Handle* handle, const float* alpha, Tensor* xd, const float* x,
                                               Tensor* dyd, const float* dy, Convolution* convolution, int algorithm,
                                               void* work, std::size_t bytes, const float* beta, Filter* dwd,
                                               float* dw) {
  if (int status = asked_for("cudnnConvolutionBackwardFilter")) return status;
  if (int status = check_shape(xd, dwd, convolution, dyd, implicit_backward(algorithm) || algorithm == 3, algorithm, 7))
    return status;
  if (int status = check_work(work, bytes, algorithm)) return status;
  const Operands operands{{"x", x, xd->elements()}, {"dy", dy, dyd->elements()}, {"dw", dw, dwd->elements()}};
  if (!live(operands)) return CUDNN_EXECUTION_FAILED;
  const Sizes s = sizes(xd, dwd, convolution, dyd);
  const float by = *alpha, add = *beta;
  const Factor kind = factor_of(convolution->math);
  return enqueue(CUDNN_EXECUTION_FAILED, handle->stream, "cudnnConvolutionBackwardFilter", operands, [=] {
    for (std::size_t tap = 0; tap < s.taps; tap++)
      for (std::size_t b = 0; b < s.batch; b++)
        multiply(kind, s.outputs, s.inputs, s.time, by, {dy + b * s.outputs * s.time, s.time, 1},
                 {x + b * s.inputs * s.padded + tap * s.dilation, 1, s.padded}, b == 0 ? add : 1.0f, dw + tap,
                 s.inputs * s.taps, s.taps);
  });
}

LIBRARY_API int cudnnAddTensor(Handle* handle, const float* alpha, Tensor* ad, const float* a, const float* beta,
                               Tensor* cd, float* c) {
  if (int status = asked_for("cudnnAddTensor")) return status;
  if (ad->sizes.size() != 4 || cd->sizes.size() != 4 || ad->sizes[0] != 1 || ad->sizes[2] != 1 || ad->sizes[3] != 1 ||
      ad->sizes[1] != cd->sizes[1])
    return fail(CUDNN_NOT_SUPPORTED, "the double adds one value for each channel only");
  const Operands operands{{"a", a, ad->elements()}, {"c", c, cd->elements()}};
  if (!live(operands)) return CUDNN_EXECUTION_FAILED;
  const std::size_t channels = static_cast<std::size_t>(cd->sizes[1]), time = static_cast<std::size_t>(cd->sizes[3]);
  const std::size_t count = cd->elements();
  const float by = *alpha, keep = *beta;
  return enqueue(CUDNN_EXECUTION_FAILED, handle->stream, "cudnnAddTensor", operands, [=] {
    for (std::size_t i = 0; i < count; i++)
      c[i] = (keep == 0.0f ? 0.0f : keep * c[i]) + by * a[i / time % channels];
  });
}

LIBRARY_API int cudnnConvolutionBackwardBias(Handle* handle, const float* alpha, Tensor* dyd, const float* dy,
                                             const float* beta, Tensor* dbd, float* db) {
  if (int status = asked_for("cudnnConvolutionBackwardBias")) return status;
  if (dyd->sizes.size() != 4 || dbd->elements() != static_cast<std::size_t>(dyd->sizes[1]))
    return fail(CUDNN_BAD_PARAM, "the bias has another number of channels");
  const Operands operands{{"dy", dy, dyd->elements()}, {"db", db, dbd->elements()}};
  if (!live(operands)) return CUDNN_EXECUTION_FAILED;
  auto size = [dyd](int i) { return static_cast<std::size_t>(dyd->sizes[static_cast<std::size_t>(i)]); };
  const std::size_t batch = size(0), channels = size(1), time = size(3);
  const float by = *alpha, keep = *beta;
  return enqueue(CUDNN_EXECUTION_FAILED, handle->stream, "cudnnConvolutionBackwardBias", operands, [=] {
    for (std::size_t channel = 0; channel < channels; channel++) {
      float sum = 0;
      for (std::size_t b = 0; b < batch; b++)
        for (std::size_t t = 0; t < time; t++) sum += dy[(b * channels + channel) * time + t];
      db[channel] = (keep == 0.0f ? 0.0f : keep * db[channel]) + by * sum;
    }
  });
}
