// Device memory and page-locked memory. Each allocation is NaN at first and stands between canaries; what was freed is
// kept a while, NaN again, so that a late use is known for what it is.
#pragma once

#include "cuda_status.h"

#include <cstddef>
#include <cstdint>
#include <string>

using DevicePointer = unsigned long long;

CUresult allocate_device(DevicePointer* pointer, std::size_t bytes);
CUresult free_device(DevicePointer pointer);
CUresult allocate_host(void** pointer, std::size_t bytes);
CUresult free_host(void* pointer);
bool is_page_locked(const void* pointer, std::size_t bytes);

std::size_t memory_limit();
// 0 for the usual one.
void set_memory_limit(std::size_t bytes);

static inline unsigned char* device_bytes(std::uintptr_t address) { return reinterpret_cast<unsigned char*>(address); }

// Does the range lie inside one live allocation? Nothing, or what it is instead.
std::string problem_of_range(std::uintptr_t start, std::size_t bytes);
// The live allocation that the address is in: its begin and size. False if there is none.
bool find_allocation(std::uintptr_t address, std::uintptr_t* start, std::size_t* bytes);
// For messages: what is at, or next to, this address.
std::string describe_address(std::uintptr_t address);

// What a write outside the allocation at this address left, or nothing.
std::string damage_around(std::uintptr_t address);
std::string damage_of_live_memory();
// That, and writes into what was freed: slower, as every byte is looked at.
std::string damage_anywhere();

// The context ends: everything is freed.
void drop_memory();
void forget_memory_reports();
