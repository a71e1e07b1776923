// Launches in a file: what the tests launched, for the program that replays them under AddressSanitizer, where each
// allocation is one of malloc's.
#pragma once

#include "kernel_runtime.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

struct Launch;

struct RecordedMemory {
  // Where it was; arguments and the words of other memory may point into it.
  std::uint64_t address;
  std::vector<unsigned char> bytes;
};

struct RecordedLaunch {
  std::string kernel;
  Geometry geometry;
  // As cuLaunchKernel was given them.
  std::vector<std::uint64_t> values;
  std::vector<RecordedMemory> memory;
};

// Appends the launch, with the memory that it can reach, to the file that IMPROMPTU_DOUBLE_RECORD names; does nothing
// without one. Launches that differ in the contents of memory alone are recorded once.
void record_launch(const Launch& launch);

// False at the end of the file; ends the program if the file is broken.
bool read_launch(std::FILE* file, RecordedLaunch* launch);
