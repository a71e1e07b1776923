#include "kernels.h"

#include <map>

namespace {

std::map<std::string, HostKernel>& kernels() {
  static std::map<std::string, HostKernel> all;
  return all;
}

}  // namespace

const HostKernel* host_kernel(const std::string& name) {
  const auto found = kernels().find(name);
  return found == kernels().end() ? nullptr : &found->second;
}

void register_host_kernel(HostKernel kernel) { kernels()[kernel.name] = std::move(kernel); }
