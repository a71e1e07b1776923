#include "kernels.h"

#include <dlfcn.h>

#include <map>

namespace {

using Kernels = std::map<std::string, HostKernel>;

bool built = false;

// Registered while libraries are loaded, some before this file's own variables.
Kernels& built_in() {
  static Kernels kernels;
  return kernels;
}

Kernels& replacements() {
  static Kernels kernels;
  return kernels;
}

}  // namespace

const HostKernel* host_kernel(const std::string& name) {
  for (const Kernels* kernels : {&replacements(), &built_in()}) {
    const auto found = kernels->find(name);
    if (found != kernels->end()) return &found->second;
  }
  return nullptr;
}

void register_host_kernel(HostKernel kernel) { (built ? replacements() : built_in())[kernel.name] = std::move(kernel); }

std::string replace_host_kernels(const char* path) {
  built = true;
  replacements().clear();
  return *path == 0 || dlopen(path, RTLD_NOW | RTLD_LOCAL) != nullptr ? "" : dlerror();
}
