// The shared memory of the blocks that run: one arena each, laid out alike, so that a place in one is found in another.
// Between the arrays stand canaries, and what no thread wrote is NaN.
#pragma once

#include "host_cuda.h"

#include <cstddef>
#include <string>

// What a block may have without asking, as static arrays and as a launch.
constexpr std::size_t SHARED_BYTES = 48 * 1024;

// The most that a chip gives a block, and room for the canaries.
constexpr std::size_t ARENA_BYTES = std::size_t{1} << 19;
// The arenas lie one behind the other.
constexpr unsigned MOST_CLUSTER_BLOCKS = 16;

// A new kernel: only its dynamic memory is known.
void plan_shared_memory(std::size_t dynamic_bytes);
// A new cluster of blocks.
void open_shared_memory(unsigned blocks);
unsigned char* shared_memory_of(unsigned slot);
// What a write outside an array left, or nothing.
std::string damage_of_shared_memory(unsigned slot);
// The block has ended before its cluster: whoever touches its memory from now on gets a fault. Returns its damage.
std::string close_shared_memory(unsigned slot);
// Is the address in the memory of a block that has ended? Gives its rank.
bool in_closed_shared_memory(const void* address, unsigned* slot);
// For messages: what is at, or next before, this place of an arena.
std::string name_of_shared(std::size_t offset);
// Gives a static array its place; returns what is wrong, or nothing.
std::string place_shared_array(HostShared* array);
// Null where the launch gave none.
void* dynamic_shared_memory();
// The place of one block's pointer in another block; null if it is not in the block's memory.
void* shared_memory_there(const void* pointer, unsigned from, unsigned to);
