// What the stand-ins for cuBLAS and cuDNN share: failures asked for by tests, the check of operands, the work on the
// driver double's streams, and one matrix product in plain loops.
#pragma once

#include "../double_api.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#define LIBRARY_API extern "C" __attribute__((visibility("default")))

namespace library_double {

// What the last failure of this thread was about.
inline thread_local std::string what_happened;

inline std::mutex guard;

// The failure that a test ordered for this call, or 0.
inline int asked_for(const char* call) {
  driver_double::count(call);
  const int status = driver_double::ordered_failure(call);
  if (status != 0) what_happened = "asked for by the test";
  return status;
}

// A handle or descriptor of the caller's, counted until it is destroyed.
template <typename T>
void make(T** made, const char* kind) {
  *made = new T;
  driver_double::hold(kind, 1);
}

template <typename T>
void destroy(T* made, const char* kind) {
  delete made;
  driver_double::hold(kind, -1);
}

inline int fail(int status, const std::string& what) {
  what_happened = what;
  return status;
}

// An operand: its name, where it starts, how many elements it spans, the size of one.
struct Operand {
  const char* name;
  const void* start;
  std::size_t elements;
  std::size_t size = sizeof(float);
};

using Operands = std::vector<Operand>;

// Is every operand aligned and inside one live allocation of the device? Says which is not.
inline bool live(const Operands& operands) {
  for (const Operand& operand : operands) {
    if (operand.elements == 0) continue;
    if (reinterpret_cast<std::uintptr_t>(operand.start) % operand.size != 0) {
      what_happened = std::string(operand.name) + " is not aligned to " + std::to_string(operand.size) + " bytes";
      return false;
    }
    const std::size_t bytes = operand.elements * operand.size;
    if (!driver_double::is_live(operand.start, bytes)) {
      what_happened = std::string(operand.name) + ", " + std::to_string(bytes) +
                      " bytes, is not inside one allocation of the device";
      return false;
    }
  }
  return true;
}

// Does the work when the stream comes to it, or whenever the graph runs that the stream is captured into; the operands
// must live then too. The status is 0, or the one given for a stream that takes no work.
inline int enqueue(int refused, void* stream, const char* call, const Operands& operands, std::function<void()> work) {
  std::vector<driver_double::Range> ranges;
  for (const Operand& operand : operands)
    if (operand.elements > 0) ranges.push_back({operand.start, operand.elements * operand.size});
  const int status = driver_double::enqueue(stream, call, ranges, [own = std::move(work)]() -> CUresult {
    own();
    return {};
  });
  return status == 0 ? 0 : fail(refused, "the driver refuses the work with status " + std::to_string(status));
}

inline float from_bits(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// TensorFloat-32 keeps 10 of float32's 23 bits behind the point; to the nearest, ties to even.
inline float to_tf32(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7f800000u) == 0x7f800000u) return value;
  bits += 0xfffu + ((bits >> 13) & 1u);
  return from_bits(bits & ~0x1fffu);
}

// How an element of A or B is read.
enum class Factor { FP32, TF32, BF16 };

inline float factor(const void* from, std::size_t index, Factor kind) {
  switch (kind) {
    case Factor::FP32: return static_cast<const float*>(from)[index];
    case Factor::TF32: return to_tf32(static_cast<const float*>(from)[index]);
    case Factor::BF16: break;
  }
  return from_bits(static_cast<std::uint32_t>(static_cast<const std::uint16_t*>(from)[index]) << 16);
}

// A matrix anywhere in memory: element [r, c] is at r * row + c * column.
struct Matrix {
  const void* data;
  std::size_t row;
  std::size_t column;
};

// C = alpha A B + beta C with A [m, k], B [k, n], C [m, n] at c[i * row + j * column]; float32 sums in the order of k.
// beta 0 does not read C. Packs both factors, then runs along the longer side of C, so that the compiler can use
// vectors: some GFLOP a second, enough for a training step.
inline void multiply(Factor kind, std::size_t m, std::size_t n, std::size_t k, float alpha, Matrix a, Matrix b,
                     float beta, float* c, std::size_t row, std::size_t column) {
  if (m < n) {
    std::swap(m, n);
    std::swap(a, b);
    std::swap(a.row, a.column);
    std::swap(b.row, b.column);
    std::swap(row, column);
  }
  constexpr std::size_t ROWS = 512;
  constexpr std::size_t COLUMNS = 4;
  std::vector<float> right(k * ((n + COLUMNS - 1) / COLUMNS * COLUMNS));
  for (std::size_t j = 0; j < n; j++)
    for (std::size_t p = 0; p < k; p++)
      right[(j / COLUMNS * k + p) * COLUMNS + j % COLUMNS] = factor(b.data, p * b.row + j * b.column, kind);
  std::vector<float> left(ROWS * k);
  std::vector<float> sums(ROWS * COLUMNS);
  for (std::size_t i0 = 0; i0 < m; i0 += ROWS) {
    const std::size_t rows = std::min(ROWS, m - i0);
    for (std::size_t p = 0; p < k; p++)
      for (std::size_t i = 0; i < rows; i++)
        left[p * ROWS + i] = factor(a.data, (i0 + i) * a.row + p * a.column, kind);
    for (std::size_t j0 = 0; j0 < n; j0 += COLUMNS) {
      std::fill(sums.begin(), sums.end(), 0.0f);
      float* __restrict__ s0 = sums.data();
      float* __restrict__ s1 = s0 + ROWS;
      float* __restrict__ s2 = s1 + ROWS;
      float* __restrict__ s3 = s2 + ROWS;
      for (std::size_t p = 0; p < k; p++) {
        const float* __restrict__ x = left.data() + p * ROWS;
        const float* y = right.data() + (j0 / COLUMNS * k + p) * COLUMNS;
        const float y0 = y[0], y1 = y[1], y2 = y[2], y3 = y[3];
        for (std::size_t i = 0; i < rows; i++) {
          s0[i] += x[i] * y0;
          s1[i] += x[i] * y1;
          s2[i] += x[i] * y2;
          s3[i] += x[i] * y3;
        }
      }
      for (std::size_t j = j0; j < std::min(j0 + COLUMNS, n); j++)
        for (std::size_t i = 0; i < rows; i++) {
          float& to = c[(i0 + i) * row + j * column];
          const float product = alpha * sums[(j - j0) * ROWS + i];
          to = beta == 0.0f ? product : product + beta * to;
        }
    }
  }
}

}  // namespace library_double
