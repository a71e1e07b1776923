#include "host_cuda.h"
#include "kernels.h"

#include <cstddef>
#include <utility>

#include "../../main/cuda/elementwise.cu"

namespace {

template <typename... Parameters, std::size_t... Index>
void call(void (*kernel)(Parameters...), void** arguments, std::index_sequence<Index...>) {
  kernel(*static_cast<Parameters*>(arguments[Index])...);
}

template <typename... Parameters>
void call(void (*kernel)(Parameters...), void** arguments) {
  call(kernel, arguments, std::index_sequence_for<Parameters...>{});
}

#define KERNEL(name) \
  { #name, [](void** arguments) { call(name, arguments); } }

// Every kernel stands here once.
const HostKernel kernels[] = {
    KERNEL(bias_relu),
};

}  // namespace

const HostKernel* host_kernel(const std::string& name) {
  for (const HostKernel& kernel : kernels) {
    if (name == kernel.name) return &kernel;
  }
  return nullptr;
}
