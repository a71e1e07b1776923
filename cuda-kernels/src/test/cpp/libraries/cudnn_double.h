// What the parts of the stand-in cuDNN share.
#pragma once

#include "library_double.h"

#if RELEASE == 8
enum : int {
  CUDNN_SUCCESS = 0,
  CUDNN_NOT_INITIALIZED = 1,
  CUDNN_BAD_PARAM = 3,
  CUDNN_EXECUTION_FAILED = 8,
  CUDNN_NOT_SUPPORTED = 9,
};
#else
enum : int {
  CUDNN_SUCCESS = 0,
  CUDNN_NOT_INITIALIZED = 1001,
  CUDNN_BAD_PARAM = 2000,
  CUDNN_NOT_SUPPORTED = 3000,
  CUDNN_EXECUTION_FAILED = 5000,
};
#endif

enum : int { DATA_FLOAT = 0 };
enum : int { FMA_MATH = 3 };

struct Handle {
  void* stream = nullptr;
};

struct Tensor {
  int type = -1;
  std::vector<int> sizes;
  std::vector<int> strides;
  std::size_t elements() const {
    std::size_t count = 1;
    for (int size : sizes) count *= static_cast<std::size_t>(size);
    return count;
  }
};

// How the library may multiply: strictly in float32, or with TF32 where the type allows.
inline library_double::Factor factor_of(int math) {
  return math == FMA_MATH ? library_double::Factor::FP32 : library_double::Factor::TF32;
}
