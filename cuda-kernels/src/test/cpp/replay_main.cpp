// Replays recorded launches under AddressSanitizer and UndefinedBehaviorSanitizer, outside of a JVM:
//   replay FILE
// Each allocation is one of malloc's, so that every access outside of it, a read too, ends the program with the line
// of the kernel. Under the driver double itself only writes close by are noticed.
#include "kernel_runtime.h"
#include "recording.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

// Fibers move between stacks in ways that the detection of returned stacks does not follow.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() { return "detect_stack_use_after_return=0:detect_leaks=0"; }

namespace {

const RecordedLaunch* current = nullptr;
std::uint64_t schedule = 0;

std::string text(const RecordedLaunch& launch) {
  const Geometry& geometry = launch.geometry;
  char line[200];
  std::snprintf(line, sizeof line, "%s, %ux%ux%u blocks of %ux%ux%u threads", launch.kernel.c_str(), geometry.grid[0],
                geometry.grid[1], geometry.grid[2], geometry.block[0], geometry.block[1], geometry.block[2]);
  return line;
}

// The copies of the recorded memory, found by the addresses of the originals.
class Copies {
 public:
  explicit Copies(const RecordedLaunch& launch) {
    for (const RecordedMemory& memory : launch.memory) {
      void* copy = nullptr;
      if (posix_memalign(&copy, 256, memory.bytes.size()) != 0) std::abort();
      std::memcpy(copy, memory.bytes.data(), memory.bytes.size());
      copies_[memory.address] = {static_cast<unsigned char*>(copy), memory.bytes.size()};
    }
    for (const auto& [address, copy] : copies_) {
      for (std::size_t at = 0; at + 8 <= copy.bytes; at += 8) {
        std::uint64_t word;
        std::memcpy(&word, copy.memory + at, 8);
        word = moved(word);
        std::memcpy(copy.memory + at, &word, 8);
      }
    }
  }

  ~Copies() {
    for (const auto& [address, copy] : copies_) std::free(copy.memory);
  }

  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;

  // A pointer into the original becomes one into its copy; anything else stays.
  std::uint64_t moved(std::uint64_t value) const {
    const auto after = copies_.upper_bound(value);
    if (after == copies_.begin()) return value;
    const auto& [address, copy] = *std::prev(after);
    const std::uint64_t offset = value - address;
    return offset <= copy.bytes ? reinterpret_cast<std::uint64_t>(copy.memory) + offset : value;
  }

 private:
  struct Copy {
    unsigned char* memory;
    std::size_t bytes;
  };
  std::map<std::uint64_t, Copy> copies_;
};

bool replay(const RecordedLaunch& launch) {
  const HostKernel* kernel = host_kernel(launch.kernel);
  if (kernel == nullptr || kernel->parameters.size() != launch.values.size()) {
    std::fprintf(stderr, "the recording is of other sources: %s\n", launch.kernel.c_str());
    return false;
  }
  const Copies copies(launch);
  std::vector<std::uint64_t> values = launch.values;
  std::vector<void*> arguments;
  for (std::size_t i = 0; i < values.size(); i++) {
    if (kernel->parameters[i].pointer) values[i] = copies.moved(values[i]);
    arguments.push_back(&values[i]);
  }
  set_kernel_schedule(schedule);
  const KernelFault fault = run_kernel(*kernel, launch.geometry, arguments.data());
  if (fault.status != 0) std::fprintf(stderr, "%s: %s\n", text(launch).c_str(), fault.what.c_str());
  return fault.status == 0;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void __asan_on_error() {
  if (current != nullptr)
    std::fprintf(stderr, "while replaying %s, schedule %" PRIu64 "\n", text(*current).c_str(), schedule);
}

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: replay FILE\n");
    return 2;
  }
  std::FILE* file = std::fopen(arguments[1], "rb");
  if (file == nullptr) {
    std::perror(arguments[1]);
    return 2;
  }
  RecordedLaunch launch;
  std::map<std::string, unsigned> replayed;
  bool good = true;
  while (read_launch(file, &launch)) {
    current = &launch;
    for (schedule = 0; schedule < 4; schedule++) good = replay(launch) && good;
    replayed[launch.kernel]++;
  }
  std::fclose(file);
  for (const auto& [kernel, launches] : replayed) std::printf("%5u  %s\n", launches, kernel.c_str());
  std::printf("%s\n", good ? "no kernel touched what it should not" : "there were faults");
  return good ? 0 : 1;
}
