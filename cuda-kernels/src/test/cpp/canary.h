// What stands where nothing was written, and what stands around memory to show that something was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

constexpr std::size_t CANARY_BYTES = 256;
constexpr unsigned char POISON = 0xFF;

// The four bytes that stand at an address: a NaN too, so that a read past the end shows in a result. A signalling one,
// which no arithmetic gives, and another at each address, so that what a kernel copied from one zone is not taken for
// what stood in another.
static inline std::uint32_t canary_word(std::uintptr_t address) {
  return 0xFF800001u | (static_cast<std::uint32_t>(address / 4) * 2654435761u >> 10);
}

static inline unsigned char canary_byte(const void* at) {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  return static_cast<unsigned char>(canary_word(address) >> (address % 4 * 8));
}

static inline void fill_poison(void* memory, std::size_t bytes) { std::memset(memory, POISON, bytes); }

static inline void fill_canary(unsigned char* zone, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i++) zone[i] = canary_byte(zone + i);
}

// The first byte that is no canary any more; bytes if all are.
static inline std::size_t first_damage(const unsigned char* zone, std::size_t bytes) {
  std::size_t i = 0;
  for (; i < bytes && reinterpret_cast<std::uintptr_t>(zone + i) % 4 != 0; i++) {
    if (zone[i] != canary_byte(zone + i)) return i;
  }
  for (; i + 4 <= bytes; i += 4) {
    std::uint32_t word;
    std::memcpy(&word, zone + i, 4);
    // A write may leave some bytes of a word as they were.
    if (word != canary_word(reinterpret_cast<std::uintptr_t>(zone + i))) return i;
  }
  for (; i < bytes; i++) {
    if (zone[i] != canary_byte(zone + i)) return i;
  }
  return bytes;
}
