// The kernels compiled for the host: in the double's own library, or in one that takes the place of some of them
// (impromptu_double_replace_kernels). BuildDriverDouble writes one source file for each .cu: it includes the .cu and
// then registers the kernels that it found there.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

struct HostParameter {
  std::size_t bytes;
  bool pointer;
};

struct HostKernel {
  const char* name;
  const char* source;
  // Runs one thread, with the arguments as cuLaunchKernel is given them: the address of each.
  void (*thread)(void** arguments);
  std::vector<HostParameter> parameters;
  // __cluster_dims__; {1, 1, 1} without it.
  unsigned cluster[3];
  bool has_cluster;
  // The first argument of __launch_bounds__; 1024 without it.
  unsigned most_threads;
  // Where the library that it is in begins and ends: its tables of shared arrays are there.
  const char* image;
  const char* image_end;
};

// From the linker.
extern "C" __attribute__((visibility("hidden"))) const char __ehdr_start;
extern "C" __attribute__((visibility("hidden"))) const char _end;

// The kernel of this name, or null.
const HostKernel* host_kernel(const std::string& name);

__attribute__((visibility("default"))) void register_host_kernel(HostKernel kernel);

// From now on kernels of the library at this path stand for those of their names, and the double's own for all others;
// for an empty path all are the double's own. Returns what the loader says against it, or nothing.
std::string replace_host_kernels(const char* path);

template <typename... Parameters, std::size_t... Index>
static inline void call_host_kernel(void (*kernel)(Parameters...), void** arguments, std::index_sequence<Index...>) {
  kernel(*static_cast<Parameters*>(arguments[Index])...);
}

template <typename... Parameters>
static inline void call_host_kernel(void (*kernel)(Parameters...), void** arguments) {
  call_host_kernel(kernel, arguments, std::index_sequence_for<Parameters...>{});
}

template <typename... Parameters>
static inline std::vector<HostParameter> host_parameters(void (*)(Parameters...)) {
  return {HostParameter{sizeof(Parameters), std::is_pointer_v<Parameters>}...};
}

struct HostKernelRegistration {
  explicit HostKernelRegistration(HostKernel kernel) { register_host_kernel(std::move(kernel)); }
};

// cluster is the dimensions in braces, or empty braces.
#define HOST_KERNEL(name, source, most_threads, has_cluster, ...)                                               \
  static const HostKernelRegistration registration_of_##name(                                                   \
      HostKernel{#name, source, [](void** arguments) { call_host_kernel(name, arguments); }, host_parameters(name), \
                 __VA_ARGS__, has_cluster, most_threads, &__ehdr_start, &_end})
