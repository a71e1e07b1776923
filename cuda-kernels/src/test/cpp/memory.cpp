#include "memory.h"

#include "canary.h"
#include "state.h"
#include "streams.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <sstream>
#include <utility>

namespace {

constexpr std::size_t USUAL_LIMIT = std::size_t{2} << 30;
constexpr std::size_t ALIGNMENT = 512;
constexpr std::size_t QUARANTINE_BYTES = std::size_t{64} << 20;
constexpr std::size_t QUARANTINE_COUNT = 4096;

struct Allocation {
  std::size_t bytes;
  // In the order of allocation, to find it in the test.
  std::uint64_t number;
};
using Allocations = std::map<std::uintptr_t, Allocation>;

Allocations live;
Allocations freed;
std::deque<std::uintptr_t> quarantine;
std::size_t quarantined = 0;
std::size_t allocated = 0;
std::size_t most_allocated = 0;
std::size_t limit = USUAL_LIMIT;
std::uint64_t next_number = 1;
std::map<std::uintptr_t, std::size_t> page_locked;
// Page-locked memory that was freed: a program of Java may still look at it, and must not find the next owner's.
std::deque<std::pair<void*, std::size_t>> freed_page_locked;
std::size_t freed_page_locked_bytes = 0;
// What was still allocated when the context ended.
std::uint64_t dropped = 0;
std::string reported_damage;

std::string text(const Allocation& allocation) {
  return "an allocation of " + std::to_string(allocation.bytes) + " bytes";
}

// The last allocation that begins at or before the address; null if there is none.
const Allocations::value_type* at_or_before(const Allocations& from, std::uintptr_t address) {
  const auto after = from.upper_bound(address);
  return after == from.begin() ? nullptr : &*std::prev(after);
}

std::string damage_of(const Allocations::value_type& entry) {
  const auto& [address, allocation] = entry;
  std::size_t at = first_damage(device_bytes(address + allocation.bytes), CANARY_BYTES);
  if (at < CANARY_BYTES) return "wrote " + std::to_string(at) + " bytes past the end of " + text(allocation);
  at = first_damage(device_bytes(address - CANARY_BYTES), CANARY_BYTES);
  if (at < CANARY_BYTES)
    return "wrote " + std::to_string(CANARY_BYTES - at) + " bytes before " + text(allocation);
  return "";
}

// A write after the free shows where no byte but poison should be.
std::string damage_of_freed(const Allocations::value_type& entry) {
  const auto& [address, allocation] = entry;
  const unsigned char* bytes = device_bytes(address);
  if (allocation.bytes > 0 && (bytes[0] != POISON || std::memcmp(bytes, bytes + 1, allocation.bytes - 1) != 0))
    return "wrote into " + text(allocation) + " after it was freed";
  return damage_of(entry);
}

void note_damage(const std::string& damage) {
  if (reported_damage.empty()) reported_damage = damage;
}

void really_free(std::uintptr_t address) {
  const auto entry = freed.find(address);
  const std::string damage = damage_of_freed(*entry);
  if (!damage.empty()) note_damage("something " + damage);
  quarantined -= entry->second.bytes;
  freed.erase(entry);
  std::free(device_bytes(address - ALIGNMENT));
}

void into_quarantine(Allocations::iterator entry) {
  const std::uintptr_t address = entry->first;
  fill_poison(device_bytes(address), entry->second.bytes);
  allocated -= entry->second.bytes;
  quarantined += entry->second.bytes;
  freed.insert(*entry);
  live.erase(entry);
  quarantine.push_back(address);
  while (quarantined > QUARANTINE_BYTES || quarantine.size() > QUARANTINE_COUNT) {
    really_free(quarantine.front());
    quarantine.pop_front();
  }
}

void retire_page_locked(std::uintptr_t address, std::size_t bytes) {
  void* memory = device_bytes(address);
  fill_poison(memory, bytes);
  freed_page_locked.emplace_back(memory, bytes);
  freed_page_locked_bytes += bytes;
  while (freed_page_locked_bytes > QUARANTINE_BYTES) {
    freed_page_locked_bytes -= freed_page_locked.front().second;
    std::free(freed_page_locked.front().first);
    freed_page_locked.pop_front();
  }
}

}  // namespace

CUresult allocate_device(DevicePointer* pointer, std::size_t bytes) {
  if (bytes == 0) return fail(INVALID_VALUE, "no bytes were asked for");
  if (allocated > limit || bytes > limit - allocated)
    return fail(OUT_OF_MEMORY, std::to_string(allocated > limit ? 0 : limit - allocated) + " bytes are free");
  // The room before it, of which the canary is a part, leaves the allocation aligned as its block.
  const std::size_t room = ALIGNMENT + bytes + CANARY_BYTES;
  auto* block = static_cast<unsigned char*>(std::aligned_alloc(ALIGNMENT, (room + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT));
  if (block == nullptr) return fail(OUT_OF_MEMORY, "the host has no memory left");
  unsigned char* memory = block + ALIGNMENT;
  fill_canary(memory - CANARY_BYTES, CANARY_BYTES);
  fill_poison(memory, bytes);
  fill_canary(memory + bytes, CANARY_BYTES);
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  live[address] = {bytes, next_number++};
  allocated += bytes;
  most_allocated = std::max(most_allocated, allocated);
  *pointer = address;
  return SUCCESS;
}

CUresult free_device(DevicePointer pointer) {
  const auto entry = live.find(pointer);
  if (entry == live.end())
    return fail(INVALID_VALUE, freed.count(pointer) > 0 ? text(freed[pointer]) + " was freed already"
                                                        : "the address was not allocated, or freed already");
  const std::string damage = damage_of(*entry);
  into_quarantine(entry);
  if (damage.empty()) return SUCCESS;
  break_context(ILLEGAL_ADDRESS, "something " + damage);
  note_damage("something " + damage);
  return sticky_status();
}

CUresult allocate_host(void** pointer, std::size_t bytes) {
  if (bytes == 0) return fail(INVALID_VALUE, "no bytes were asked for");
  void* memory = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  if (memory == nullptr) return fail(OUT_OF_MEMORY, "the host has no memory left");
  fill_poison(memory, bytes);
  page_locked[reinterpret_cast<std::uintptr_t>(memory)] = bytes;
  *pointer = memory;
  return SUCCESS;
}

CUresult free_host(void* pointer) {
  const auto entry = page_locked.find(reinterpret_cast<std::uintptr_t>(pointer));
  if (entry == page_locked.end())
    return fail(INVALID_VALUE, "the address was not page-locked by cuMemAllocHost, or freed already");
  retire_page_locked(entry->first, entry->second);
  page_locked.erase(entry);
  return SUCCESS;
}

bool is_page_locked(const void* pointer, std::size_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  const auto after = page_locked.upper_bound(address);
  if (after == page_locked.begin()) return false;
  const auto& [start, size] = *std::prev(after);
  return address - start <= size && bytes <= size - (address - start);
}

std::size_t memory_limit() { return limit; }

void set_memory_limit(std::size_t bytes) { limit = bytes == 0 ? USUAL_LIMIT : bytes; }

std::string problem_of_range(std::uintptr_t start, std::size_t bytes) {
  if (const auto* entry = at_or_before(live, start)) {
    const std::size_t offset = start - entry->first;
    const std::size_t size = entry->second.bytes;
    if (offset <= size && bytes <= size - offset) return "";
    if (offset < size)
      return "the range of " + std::to_string(bytes) + " bytes at offset " + std::to_string(offset) + " of " +
             text(entry->second) + " is not inside it";
  }
  return "the range of " + std::to_string(bytes) + " bytes is in " + describe_address(start);
}

bool find_allocation(std::uintptr_t address, std::uintptr_t* start, std::size_t* bytes) {
  const auto* entry = at_or_before(live, address);
  if (entry == nullptr || address - entry->first > entry->second.bytes) return false;
  *start = entry->first;
  *bytes = entry->second.bytes;
  return true;
}

std::string describe_address(std::uintptr_t address) {
  std::ostringstream hex;
  hex << "address 0x" << std::hex << address;
  if (const auto* entry = at_or_before(freed, address)) {
    const std::size_t offset = address - entry->first;
    if (offset < entry->second.bytes)
      return hex.str() + ", offset " + std::to_string(offset) + " of " + text(entry->second) + " that was freed";
  }
  if (const auto* entry = at_or_before(live, address)) {
    const std::size_t offset = address - entry->first;
    const std::size_t size = entry->second.bytes;
    if (offset < size) return hex.str() + ", offset " + std::to_string(offset) + " of " + text(entry->second);
    if (offset - size < (std::size_t{1} << 30))
      return hex.str() + ", " + std::to_string(offset - size) + " bytes past the end of " + text(entry->second);
  }
  return hex.str() + ", which is no device memory";
}

std::string damage_around(std::uintptr_t address) {
  const auto* entry = at_or_before(live, address);
  return entry == nullptr ? "" : damage_of(*entry);
}

std::string damage_of_live_memory() {
  for (const auto& entry : live) {
    std::string damage = damage_of(entry);
    if (!damage.empty()) return damage;
  }
  return "";
}

std::string damage_anywhere() {
  std::string in_live_memory = damage_of_live_memory();
  if (!in_live_memory.empty()) return in_live_memory;
  for (const auto& entry : freed) {
    std::string damage = damage_of_freed(entry);
    if (!damage.empty()) return damage;
  }
  return "";
}

void drop_memory() {
  // After a failure nothing can be freed any more, so nothing is held against anybody.
  if (sticky_status() == SUCCESS) {
    const std::string damage = damage_anywhere();
    if (!damage.empty()) note_damage("something " + damage);
    dropped += live.size() + page_locked.size();
  }
  for (const auto& [address, bytes] : page_locked) retire_page_locked(address, bytes);
  page_locked.clear();
  for (const auto& [address, allocation] : live) std::free(device_bytes(address - ALIGNMENT));
  for (const auto& [address, allocation] : freed) std::free(device_bytes(address - ALIGNMENT));
  live.clear();
  freed.clear();
  quarantine.clear();
  quarantined = 0;
  allocated = 0;
}

void forget_memory_reports() {
  dropped = 0;
  reported_damage.clear();
  most_allocated = allocated;
}

// ---- The driver's functions ----

DRIVER_API CUresult cuMemAlloc_v2(DevicePointer* pointer, std::size_t bytes) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemAlloc")) return status;
  if (CUresult status = refuse_as_unsafe("cuMemAlloc")) return status;
  return allocate_device(pointer, bytes);
}

DRIVER_API CUresult cuMemFree_v2(DevicePointer pointer) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemFree")) return status;
  if (CUresult status = refuse_as_unsafe("cuMemFree")) return status;
  if (pointer == 0) return SUCCESS;
  // Waits for whoever still uses it, as the driver does.
  if (CUresult status = run_all_streams()) return status;
  return free_device(pointer);
}

DRIVER_API CUresult cuMemAllocHost_v2(void** pointer, std::size_t bytes) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemAllocHost")) return status;
  if (CUresult status = refuse_as_unsafe("cuMemAllocHost")) return status;
  return allocate_host(pointer, bytes);
}

DRIVER_API CUresult cuMemHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemHostAlloc")) return status;
  if (CUresult status = refuse_as_unsafe("cuMemHostAlloc")) return status;
  return allocate_host(pointer, bytes);
}

DRIVER_API CUresult cuMemFreeHost(void* pointer) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemFreeHost")) return status;
  if (CUresult status = refuse_as_unsafe("cuMemFreeHost")) return status;
  // Waits for copies that still use it, as the driver does.
  if (CUresult status = run_all_streams()) return status;
  return free_host(pointer);
}

DRIVER_API CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemGetInfo")) return status;
  *free = allocated > limit ? 0 : limit - allocated;
  *total = limit;
  return SUCCESS;
}

DRIVER_API CUresult cuMemGetAddressRange_v2(DevicePointer* start, std::size_t* bytes, DevicePointer pointer) {
  Lock lock(guard);
  if (CUresult status = enter("cuMemGetAddressRange")) return status;
  std::uintptr_t found = 0;
  std::size_t size = 0;
  if (!find_allocation(pointer, &found, &size)) return fail(NOT_FOUND, describe_address(pointer));
  *start = found;
  *bytes = size;
  return SUCCESS;
}

// ---- What a test may ask ----

DRIVER_API std::uint64_t impromptu_double_live_allocations() {
  Lock lock(guard);
  return live.size();
}

DRIVER_API std::uint64_t impromptu_double_live_bytes() {
  Lock lock(guard);
  return allocated;
}

DRIVER_API std::uint64_t impromptu_double_most_bytes() {
  Lock lock(guard);
  return most_allocated;
}

DRIVER_API std::uint64_t impromptu_double_page_locked_allocations() {
  Lock lock(guard);
  return page_locked.size();
}

DRIVER_API std::uint64_t impromptu_double_dropped_allocations() {
  Lock lock(guard);
  return dropped;
}

// One line for each live allocation, oldest first; valid until the next call.
DRIVER_API const char* impromptu_double_describe_allocations() {
  static std::string text;
  Lock lock(guard);
  std::map<std::uint64_t, std::size_t> by_number;
  for (const auto& [address, allocation] : live) by_number[allocation.number] = allocation.bytes;
  text.clear();
  for (const auto& [number, bytes] : by_number)
    text += "allocation " + std::to_string(number) + ": " + std::to_string(bytes) + " bytes\n";
  return text.c_str();
}

// The first damage of memory that no error has told of yet, or an empty text; valid until the next call.
DRIVER_API const char* impromptu_double_damage() {
  static std::string text;
  Lock lock(guard);
  if (reported_damage.empty()) {
    const std::string damage = damage_anywhere();
    if (!damage.empty()) note_damage("something " + damage);
  }
  text = reported_damage;
  return text.c_str();
}
