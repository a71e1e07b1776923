// PTX modules, read as far as to know what a driver would refuse and which kernels are in them, and launches.
#pragma once

#include "cuda_status.h"
#include "kernel_runtime.h"
#include "kernels.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct Module;

struct Function {
  const HostKernel* kernel;
  Module* module;
  // Static shared memory, as the PTX declares it.
  std::size_t static_shared;
  // What cuFuncSetAttribute allows.
  std::size_t most_dynamic_shared;
  bool non_portable_cluster;
};

struct Module {
  int target = 0;
  int version = 0;
  // By name: the static shared memory of each entry.
  std::map<std::string, std::size_t> entries;
  std::map<std::string, Function> functions;
};

// A launch as it was asked for; the arguments are copies.
struct Launch {
  const HostKernel* kernel;
  const Function* function;
  Geometry geometry;
  std::vector<std::uint64_t> values;
};

// Runs it now: checks that its pointers are to live memory before, and the canaries around that memory after.
CUresult run_launch(const Launch& launch);

// The context ends.
void drop_modules();
