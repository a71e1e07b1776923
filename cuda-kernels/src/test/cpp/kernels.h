// The kernels compiled for the host, by the names that their PTX gives them.
#pragma once

#include <string>

struct HostKernel {
  const char* name;
  // Runs one thread, with the arguments as cuLaunchKernel is given them: the address of each.
  void (*thread)(void** arguments);
};

// The kernel of this name, or null.
const HostKernel* host_kernel(const std::string& name);
