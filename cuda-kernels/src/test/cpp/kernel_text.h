// How messages about kernels name what threads wait at, places in the source and indices.
#pragma once

#include "host_cuda.h"

#include <cstring>
#include <string>

static inline const char* name_of(HostExchange kind) {
  switch (kind) {
    case HostExchange::SYNC: return "__syncwarp";
    case HostExchange::INDEX: return "__shfl_sync";
    case HostExchange::UP: return "__shfl_up_sync";
    case HostExchange::DOWN: return "__shfl_down_sync";
    case HostExchange::XOR: return "__shfl_xor_sync";
    case HostExchange::BALLOT: return "__ballot_sync";
    case HostExchange::ANY: return "__any_sync";
    default: return "__all_sync";
  }
}

static inline std::string text(HostPlace where) {
  const char* slash = std::strrchr(where.file, '/');
  return std::string(slash == nullptr ? where.file : slash + 1) + ":" + std::to_string(where.line);
}

static inline std::string text(const uint3& index) {
  return "(" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " + std::to_string(index.z) + ")";
}
