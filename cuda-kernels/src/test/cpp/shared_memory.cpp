#include "shared_memory.h"

#include "access_checks.h"
#include "canary.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

unsigned long long host_launch = 0;
unsigned char* host_shared_memory = nullptr;

namespace {

constexpr std::size_t ALIGNMENT = 64;

struct Arena {
  unsigned char* memory;
  bool closed;
};

std::vector<Arena> arenas;
std::vector<const HostShared*> arrays;
std::size_t dynamic_bytes = 0;
std::size_t laid_out = 0;
std::size_t static_bytes = 0;
unsigned open_blocks = 0;

std::size_t rounded(std::size_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

// Pages that no block touches cost nothing.
void reserve_arenas() {
  constexpr std::size_t bytes = MOST_CLUSTER_BLOCKS * ARENA_BYTES;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    std::fprintf(stderr, "driver double: no memory for the shared memory of blocks\n");
    std::abort();
  }
  for (unsigned slot = 0; slot < MOST_CLUSTER_BLOCKS; slot++)
    arenas.push_back({static_cast<unsigned char*>(memory) + slot * ARENA_BYTES, false});
}

void protect(Arena& arena, int how) {
  if (mprotect(arena.memory, ARENA_BYTES, how) != 0) std::perror("driver double: mprotect of shared memory");
}

// NaN, then a canary up to the next array.
void poison(unsigned char* memory, std::size_t offset, std::size_t bytes) {
  fill_poison(memory + offset, bytes);
  fill_canary(memory + offset + bytes, rounded(bytes) - bytes + CANARY_BYTES);
}

std::string damage_after(const unsigned char* memory, std::size_t offset, std::size_t bytes, const std::string& name) {
  const std::size_t zone = rounded(bytes) - bytes + CANARY_BYTES;
  const std::size_t at = first_damage(memory + offset + bytes, zone);
  if (at == zone) return "";
  return "a write " + std::to_string(at) + " bytes past the end of " + name + " (" + std::to_string(bytes) + " bytes)";
}

}  // namespace

void plan_shared_memory(std::size_t dynamic) {
  dynamic_bytes = dynamic;
  arrays.clear();
  static_bytes = 0;
  laid_out = dynamic == 0 ? 0 : CANARY_BYTES + rounded(dynamic) + CANARY_BYTES;
  if (dynamic > 0) check_shared_array(CANARY_BYTES, dynamic);
}

void open_shared_memory(unsigned blocks) {
  if (arenas.empty()) reserve_arenas();
  open_blocks = blocks;
  for (Arena& arena : arenas) {
    if (arena.closed) protect(arena, PROT_READ | PROT_WRITE);
    arena.closed = false;
  }
  if (laid_out == 0) return;
  for (unsigned slot = 0; slot < blocks; slot++) {
    unsigned char* memory = arenas[slot].memory;
    fill_canary(memory, CANARY_BYTES);
    if (dynamic_bytes > 0) poison(memory, CANARY_BYTES, dynamic_bytes);
    for (const HostShared* array : arrays) poison(memory, array->offset, array->bytes);
  }
}

unsigned char* shared_memory_of(unsigned slot) { return arenas[slot].memory; }

std::string damage_of_shared_memory(unsigned slot) {
  const Arena& arena = arenas[slot];
  if (laid_out == 0 || arena.closed) return "";
  if (first_damage(arena.memory, CANARY_BYTES) != CANARY_BYTES) return "a write before the start of its shared memory";
  if (dynamic_bytes > 0) {
    const std::string damage = damage_after(arena.memory, CANARY_BYTES, dynamic_bytes, "its dynamic shared memory");
    if (!damage.empty()) return damage;
  }
  for (const HostShared* array : arrays) {
    const std::string damage =
        damage_after(arena.memory, array->offset, array->bytes, std::string("the shared array ") + array->name);
    if (!damage.empty()) return damage;
  }
  return "";
}

std::string close_shared_memory(unsigned slot) {
  const std::string damage = damage_of_shared_memory(slot);
  arenas[slot].closed = true;
  protect(arenas[slot], PROT_NONE);
  return damage;
}

bool in_closed_shared_memory(const void* address, unsigned* slot) {
  const auto* byte = static_cast<const unsigned char*>(address);
  for (unsigned i = 0; i < open_blocks; i++) {
    if (arenas[i].closed && byte >= arenas[i].memory && byte < arenas[i].memory + ARENA_BYTES) {
      *slot = i;
      return true;
    }
  }
  return false;
}

std::string place_shared_array(HostShared* array) {
  static_bytes += rounded(array->bytes);
  if (static_bytes > SHARED_BYTES) return "the static arrays take more than 48 KiB";
  if (laid_out == 0) {
    laid_out = CANARY_BYTES;
    for (unsigned slot = 0; slot < open_blocks; slot++) {
      if (!arenas[slot].closed) fill_canary(arenas[slot].memory, CANARY_BYTES);
    }
  }
  array->offset = laid_out;
  array->launch = host_launch;
  laid_out += rounded(array->bytes) + CANARY_BYTES;
  arrays.push_back(array);
  check_shared_array(array->offset, array->bytes);
  for (unsigned slot = 0; slot < open_blocks; slot++) {
    if (!arenas[slot].closed) poison(arenas[slot].memory, array->offset, array->bytes);
  }
  return "";
}

std::string name_of_shared(std::size_t offset) {
  std::string name = "before all arrays";
  const auto place = [&](const std::string& array, std::size_t begin, std::size_t bytes) {
    if (offset < begin) return;
    const std::size_t within = offset - begin;
    name = within < bytes ? "byte " + std::to_string(within) + " of " + array
                          : std::to_string(within - bytes) + " bytes past the end of " + array;
    name += " of " + std::to_string(bytes) + " bytes";
  };
  if (dynamic_bytes > 0) place("the dynamic array", CANARY_BYTES, dynamic_bytes);
  for (const HostShared* array : arrays) place(std::string("the array ") + array->name, array->offset, array->bytes);
  return name;
}

void* dynamic_shared_memory() { return dynamic_bytes == 0 ? nullptr : host_shared_memory + CANARY_BYTES; }

void* shared_memory_there(const void* pointer, unsigned from, unsigned to) {
  const auto* byte = static_cast<const unsigned char*>(pointer);
  if (byte < arenas[from].memory || byte > arenas[from].memory + laid_out) return nullptr;
  return arenas[to].memory + (byte - arenas[from].memory);
}
