#include "kernel_schedule.h"

#include <algorithm>
#include <numeric>

std::uint64_t schedule_seed = 0;

namespace {

constexpr std::uint32_t LANES = 32;

std::uint64_t random_state = 1;

// Whole units of [begin, end), in any order.
void shuffle(std::vector<std::uint32_t>& threads, std::uint32_t begin, std::uint32_t end, std::uint32_t unit) {
  for (std::uint32_t left = (end - begin) / unit; left > 1; left--) {
    const auto other = static_cast<std::uint32_t>(schedule_random() % left);
    std::uint32_t* const a = &threads[begin + (left - 1) * unit];
    std::uint32_t* const b = &threads[begin + other * unit];
    if (a != b) std::swap_ranges(a, a + unit, b);
  }
}

}  // namespace

void set_kernel_schedule(std::uint64_t seed) { schedule_seed = seed; }

void begin_schedule(std::uint64_t launch) {
  random_state = (schedule_seed * 0x9E3779B97F4A7C15u) ^ (launch * 0xBF58476D1CE4E5B9u) ^ 1;
}

std::uint64_t schedule_random() {
  // xorshift64*
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return (random_state * 0x2545F4914F6CDD1Du) >> 33;
}

bool begins_before_others_go_on() {
  return schedule_seed < 2 || (schedule_seed % 2 == 1 && schedule_random() % 4 != 0);
}

void arrange_threads(std::uint32_t from, std::uint32_t count, std::vector<std::uint32_t>& into) {
  into.resize(count);
  std::iota(into.begin(), into.end(), from);
  if (schedule_seed == 1) {
    std::reverse(into.begin(), into.end());
  } else if (schedule_seed % 2 == 1) {
    shuffle(into, 0, count, 1);
  } else {
    shuffle(into, 0, count, LANES);
    for (std::uint32_t warp = 0; warp < count; warp += LANES) shuffle(into, warp, std::min(warp + LANES, count), 1);
  }
}

// Another start, and a stride that has no divisor in common with the count: that needs no table.
ClusterOrder cluster_order(std::uint64_t count) {
  if (schedule_seed == 0) return {0, 1};
  if (schedule_seed == 1) return {count - 1, count - 1};
  const std::uint64_t start = schedule_random() % count;
  std::uint64_t stride = 1 + schedule_random() % count;
  while (std::gcd(stride, count) != 1) stride++;
  return {start, stride};
}
