#include "recording.h"

#include "memory.h"
#include "modules.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

namespace {

// More shapes of one kernel, or larger ones, show nothing new.
constexpr unsigned MOST_LAUNCHES_OF_A_KERNEL = 40;
constexpr std::size_t MOST_BYTES = std::size_t{8} << 20;

void put(std::string& to, const void* bytes, std::size_t count) { to.append(static_cast<const char*>(bytes), count); }

void put(std::string& to, std::uint64_t number) { put(to, &number, sizeof number); }

void take(std::FILE* file, void* bytes, std::size_t count) {
  if (count > 0 && std::fread(bytes, count, 1, file) != 1) {
    std::fprintf(stderr, "the recording ends in the middle of a launch\n");
    std::exit(1);
  }
}

std::uint64_t take(std::FILE* file) {
  std::uint64_t number = 0;
  take(file, &number, sizeof number);
  return number;
}

// The allocations that the arguments, or the words of these allocations, point into, by their addresses.
std::map<std::uintptr_t, std::size_t> reachable(const Launch& launch) {
  std::map<std::uintptr_t, std::size_t> found;
  std::vector<std::uint64_t> pointers;
  for (std::size_t i = 0; i < launch.values.size(); i++) {
    if (launch.kernel->parameters[i].pointer) pointers.push_back(launch.values[i]);
  }
  while (!pointers.empty()) {
    std::uintptr_t start = 0;
    std::size_t bytes = 0;
    const bool inside = find_allocation(pointers.back(), &start, &bytes);
    pointers.pop_back();
    if (!inside || !found.emplace(start, bytes).second) continue;
    for (std::size_t at = 0; at + 8 <= bytes; at += 8) {
      std::uint64_t word;
      std::memcpy(&word, device_bytes(start + at), 8);
      // Addresses of this process have their upper bits clear; two floats that look like that are tiny.
      if (word >> 47 == 0 && word > 0xffffffffu) pointers.push_back(word);
    }
  }
  return found;
}

// Is there one like it already?
bool is_new(const Launch& launch, const std::map<std::uintptr_t, std::size_t>& memory) {
  static std::map<std::string, std::set<std::string>> known;
  std::string shape;
  put(shape, &launch.geometry, sizeof launch.geometry);
  for (std::size_t i = 0; i < launch.values.size(); i++) {
    const auto after = memory.upper_bound(launch.values[i]);
    if (launch.kernel->parameters[i].pointer && after != memory.begin()) {
      put(shape, std::prev(after)->second);
      put(shape, launch.values[i] - std::prev(after)->first);
    } else {
      put(shape, launch.values[i]);
    }
  }
  auto& shapes = known[launch.kernel->name];
  return shapes.size() < MOST_LAUNCHES_OF_A_KERNEL && shapes.insert(shape).second;
}

}  // namespace

void record_launch(const Launch& launch) {
  static const char* const name = std::getenv("IMPROMPTU_DOUBLE_RECORD");
  if (name == nullptr) return;
  const auto memory = reachable(launch);
  std::size_t all = 0;
  for (const auto& [address, bytes] : memory) all += bytes;
  if (all > MOST_BYTES || !is_new(launch, memory)) return;
  std::string record;
  put(record, std::strlen(launch.kernel->name));
  put(record, launch.kernel->name, std::strlen(launch.kernel->name));
  put(record, &launch.geometry, sizeof launch.geometry);
  put(record, launch.values.size());
  for (const std::uint64_t value : launch.values) put(record, value);
  put(record, memory.size());
  for (const auto& [address, bytes] : memory) {
    put(record, address);
    put(record, bytes);
    put(record, device_bytes(address), bytes);
  }
  // At once, and appended: several processes may record.
  std::FILE* file = std::fopen(name, "ab");
  if (file == nullptr || std::fwrite(record.data(), record.size(), 1, file) != 1)
    std::fprintf(stderr, "driver double: cannot record launches in %s\n", name);
  if (file != nullptr) std::fclose(file);
}

bool read_launch(std::FILE* file, RecordedLaunch* launch) {
  const int next = std::fgetc(file);
  if (next == EOF) return false;
  std::ungetc(next, file);
  launch->kernel.resize(take(file));
  take(file, launch->kernel.data(), launch->kernel.size());
  take(file, &launch->geometry, sizeof launch->geometry);
  launch->values.resize(take(file));
  for (std::uint64_t& value : launch->values) value = take(file);
  launch->memory.resize(take(file));
  for (RecordedMemory& memory : launch->memory) {
    memory.address = take(file);
    memory.bytes.resize(take(file));
    take(file, memory.bytes.data(), memory.bytes.size());
  }
  return true;
}
