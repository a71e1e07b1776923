#include "state.h"

#include "access_checks.h"
#include "kernel_runtime.h"
#include "memory.h"
#include "modules.h"
#include "streams.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

std::mutex guard;
Counters counters;

namespace {

struct Order {
  std::string name;
  unsigned calls_before;
  CUresult status;
};

bool initialized = false;
int context_references = 0;
int the_context = 0;
thread_local void* current_context = nullptr;

CUresult sticky = SUCCESS;
std::string sticky_what;
CUresult last_status = SUCCESS;
std::string last_what;
std::vector<Order> orders;
std::vector<Order> kernel_orders;
std::map<std::string, GridLimit> grid_limits;

// The last that is too old for the kernels.
constexpr Claim VOLTA{7, 0, 80, 2048, 32, 96 << 10, 96 << 10, 0, 0};
constexpr Claim TURING{7, 5, 40, 1024, 16, 64 << 10, 64 << 10, 0, 0};
constexpr Claim HOPPER{9, 0, 132, 2048, 32, 228 << 10, 227 << 10, 1 << 10, 16};

const Claim* claim_of(int capability) {
  return capability == 70 ? &VOLTA : capability == 75 ? &TURING : capability == 90 ? &HOPPER : nullptr;
}

const Claim* claim_at_start() {
  const char* wanted = std::getenv("IMPROMPTU_DOUBLE_CAPABILITY");
  const Claim* found = wanted == nullptr ? &TURING : claim_of(std::atoi(wanted));
  if (found != nullptr) return found;
  std::fprintf(stderr, "driver double: IMPROMPTU_DOUBLE_CAPABILITY is %s, but may be 70, 75 or 90\n", wanted);
  return &TURING;
}
const Claim* claimed = claim_at_start();

constexpr int USUAL_DRIVER = 12010;
int driver = USUAL_DRIVER;

std::uint64_t schedule_at_start() {
  const char* wanted = std::getenv("IMPROMPTU_DOUBLE_SCHEDULE");
  return wanted == nullptr ? 0 : std::strtoull(wanted, nullptr, 10);
}

[[maybe_unused]] const bool scheduled = (set_kernel_schedule(schedule_at_start()), true);

unsigned watchdog_at_start() {
  const char* wanted = std::getenv("IMPROMPTU_DOUBLE_WATCHDOG");
  return wanted == nullptr ? DEFAULT_WATCHDOG_MILLISECONDS : static_cast<unsigned>(std::atoi(wanted));
}

bool access_checks_at_start() {
  const char* wanted = std::getenv("IMPROMPTU_DOUBLE_ACCESS_CHECKS");
  return wanted == nullptr || std::strcmp(wanted, "0") != 0;
}

[[maybe_unused]] const bool checked = (set_access_checks(access_checks_at_start()), true);

[[maybe_unused]] const bool watched = (set_watchdog(watchdog_at_start()), true);

CUresult take(std::vector<Order>& from, const std::string& name) {
  for (std::size_t i = 0; i < from.size(); i++) {
    if (!from[i].name.empty() && from[i].name != name) continue;
    if (from[i].calls_before > 0) {
      from[i].calls_before--;
      continue;
    }
    const CUresult status = from[i].status;
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(i));
    return status;
  }
  return SUCCESS;
}

void end_context() {
  drop_streams();
  drop_modules();
  drop_memory();
  sticky = SUCCESS;
  sticky_what.clear();
  last_status = SUCCESS;
  last_what.clear();
}

CUresult retain(void** context) {
  context_references++;
  *context = &the_context;
  return SUCCESS;
}

CUresult release_context() {
  if (context_references == 0) return fail(INVALID_CONTEXT, "the context was released already");
  if (--context_references == 0) end_context();
  return SUCCESS;
}

}  // namespace

CUresult fail(CUresult status, const std::string& what) {
  last_status = status;
  last_what = what;
  return status;
}

void break_context(CUresult status, const std::string& what) {
  if (sticky != SUCCESS) return;
  sticky = status;
  sticky_what = what;
}

CUresult sticky_status() { return sticky == SUCCESS ? SUCCESS : fail(sticky, sticky_what); }

CUresult ordered_failure_of(const std::string& call) {
  const CUresult status = take(orders, call);
  return status == SUCCESS ? SUCCESS : fail(status, "asked for by the test");
}

CUresult ordered_failure_of_kernel(const std::string& kernel) { return take(kernel_orders, kernel); }

GridLimit grid_limit_of(const std::string& kernel) {
  constexpr unsigned NONE = ~0u;
  const auto found = grid_limits.find(kernel);
  return found == grid_limits.end() ? GridLimit{NONE, NONE} : found->second;
}

bool context_is_current() { return current_context != nullptr && context_references > 0; }

CUresult enter(const char* call, bool needs_context) {
  counters.calls[call]++;
  if (CUresult status = ordered_failure_of(call)) return status;
  if (!initialized) return fail(NOT_INITIALIZED, "cuInit was not called");
  if (!needs_context) return SUCCESS;
  if (!context_is_current()) return fail(INVALID_CONTEXT, "this thread has no current context");
  return sticky_status();
}

const Claim& claim() { return *claimed; }

int driver_version() { return driver; }

// ---- The driver's functions: errors, devices, contexts ----

DRIVER_API CUresult cuGetErrorString(CUresult status, const char** text) {
  static thread_local std::string copy;
  Lock lock(guard);
  copy.clear();
  if (status == last_status && !last_what.empty()) {
    copy = last_what;
  } else {
#define CUDA_STATUS_TEXT(name, number, text) \
  case number: copy = text; break;
    switch (status) {
      CUDA_STATUSES(CUDA_STATUS_TEXT)
      default: break;
    }
#undef CUDA_STATUS_TEXT
  }
  *text = copy.empty() ? nullptr : copy.c_str();
  return copy.empty() ? INVALID_VALUE : SUCCESS;
}

DRIVER_API CUresult cuGetErrorName(CUresult status, const char** text) {
#define CUDA_STATUS_NAME(name, number, what)                                      \
  case number:                                                                    \
    *text = number == 0 ? "CUDA_SUCCESS" : "CUDA_ERROR_" #name; \
    return SUCCESS;
  switch (status) {
    CUDA_STATUSES(CUDA_STATUS_NAME)
    default: *text = nullptr; return INVALID_VALUE;
  }
#undef CUDA_STATUS_NAME
}

DRIVER_API CUresult cuInit(unsigned) {
  Lock lock(guard);
  initialized = true;
  return enter("cuInit", false);
}

DRIVER_API CUresult cuDriverGetVersion(int* version) {
  Lock lock(guard);
  *version = driver;
  return SUCCESS;
}

DRIVER_API CUresult cuDeviceGetCount(int* count) {
  Lock lock(guard);
  *count = 1;
  return enter("cuDeviceGetCount", false);
}

DRIVER_API CUresult cuDeviceGet(int* device, int ordinal) {
  Lock lock(guard);
  if (CUresult status = enter("cuDeviceGet", false)) return status;
  if (ordinal != 0) return fail(INVALID_DEVICE, "the only device is 0");
  *device = 0;
  return SUCCESS;
}

DRIVER_API CUresult cuDeviceGetName(char* name, int length, int) {
  Lock lock(guard);
  if (CUresult status = enter("cuDeviceGetName", false)) return status;
  std::strncpy(name, "Impromptu driver double", static_cast<std::size_t>(length) - 1);
  name[length - 1] = 0;
  return SUCCESS;
}

DRIVER_API CUresult cuDeviceGetUuid(unsigned char* uuid, int) {
  Lock lock(guard);
  if (CUresult status = enter("cuDeviceGetUuid", false)) return status;
  std::memcpy(uuid, "driver-double-00", 16);
  return SUCCESS;
}

DRIVER_API CUresult cuDeviceTotalMem_v2(std::size_t* bytes, int) {
  Lock lock(guard);
  if (CUresult status = enter("cuDeviceTotalMem", false)) return status;
  *bytes = memory_limit();
  return SUCCESS;
}

DRIVER_API CUresult cuDeviceComputeCapability(int* major, int* minor, int) {
  Lock lock(guard);
  if (CUresult status = enter("cuDeviceComputeCapability", false)) return status;
  *major = claimed->major;
  *minor = claimed->minor;
  return SUCCESS;
}

DRIVER_API CUresult cuDeviceGetAttribute(int* value, int attribute, int) {
  Lock lock(guard);
  if (CUresult status = enter("cuDeviceGetAttribute", false)) return status;
  // The numbers of CUdevice_attribute.
  const std::map<int, int> values = {
      {1, 1024},                                       // MAX_THREADS_PER_BLOCK
      {2, 1024},                                       // MAX_BLOCK_DIM_X
      {3, 1024},                                       // MAX_BLOCK_DIM_Y
      {4, 64},                                         // MAX_BLOCK_DIM_Z
      {5, 2147483647},                                 // MAX_GRID_DIM_X
      {6, 65535},                                      // MAX_GRID_DIM_Y
      {7, 65535},                                      // MAX_GRID_DIM_Z
      {8, 48 << 10},                                   // MAX_SHARED_MEMORY_PER_BLOCK
      {9, 64 << 10},                                   // TOTAL_CONSTANT_MEMORY
      {10, 32},                                        // WARP_SIZE
      {11, 2147483647},                                // MAX_PITCH
      {12, 65536},                                     // MAX_REGISTERS_PER_BLOCK
      {13, 1'500'000},                                 // CLOCK_RATE
      {14, 512},                                       // TEXTURE_ALIGNMENT
      {15, 1},                                         // GPU_OVERLAP
      {16, claimed->multiprocessors},                  // MULTIPROCESSOR_COUNT
      {17, 0},                                         // KERNEL_EXEC_TIMEOUT
      {18, 0},                                         // INTEGRATED
      {19, 0},                                         // CAN_MAP_HOST_MEMORY
      {20, 0},                                         // COMPUTE_MODE
      {31, 1},                                         // CONCURRENT_KERNELS
      {32, 0},                                         // ECC_ENABLED
      {33, 0},                                         // PCI_BUS_ID
      {34, 0},                                         // PCI_DEVICE_ID
      {35, 0},                                         // TCC_DRIVER
      {36, 1'000'000},                                 // MEMORY_CLOCK_RATE
      {37, 256},                                       // GLOBAL_MEMORY_BUS_WIDTH
      {38, 4 << 20},                                   // L2_CACHE_SIZE
      {39, claimed->threads_per_multiprocessor},       // MAX_THREADS_PER_MULTIPROCESSOR
      {40, 2},                                         // ASYNC_ENGINE_COUNT
      {41, 1},                                         // UNIFIED_ADDRESSING
      {75, claimed->major},                            // COMPUTE_CAPABILITY_MAJOR
      {76, claimed->minor},                            // COMPUTE_CAPABILITY_MINOR
      {78, 1},                                         // STREAM_PRIORITIES_SUPPORTED
      {81, claimed->shared_per_multiprocessor},        // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
      {82, 65536},                                     // MAX_REGISTERS_PER_MULTIPROCESSOR
      {83, 0},                                         // MANAGED_MEMORY
      {95, 0},                                         // COOPERATIVE_LAUNCH
      {97, claimed->shared_per_block_at_most},         // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
      {106, claimed->blocks_per_multiprocessor},       // MAX_BLOCKS_PER_MULTIPROCESSOR
      {111, claimed->shared_reserved_per_block},       // RESERVED_SHARED_MEMORY_PER_BLOCK
      {115, 0},                                        // MEMORY_POOLS_SUPPORTED
      {120, claimed->most_cluster_blocks > 0 ? 1 : 0}  // CLUSTER_LAUNCH
  };
  const auto found = values.find(attribute);
  if (found == values.end()) return fail(INVALID_VALUE, "the double knows no attribute " + std::to_string(attribute));
  *value = found->second;
  return SUCCESS;
}

DRIVER_API CUresult cuDevicePrimaryCtxRetain(void** context, int) {
  Lock lock(guard);
  if (CUresult status = enter("cuDevicePrimaryCtxRetain", false)) return status;
  return retain(context);
}

DRIVER_API CUresult cuDevicePrimaryCtxRelease_v2(int) {
  Lock lock(guard);
  counters.calls["cuDevicePrimaryCtxRelease"]++;
  return release_context();
}

DRIVER_API CUresult cuDevicePrimaryCtxReset_v2(int) {
  Lock lock(guard);
  counters.calls["cuDevicePrimaryCtxReset"]++;
  end_context();
  return SUCCESS;
}

DRIVER_API CUresult cuDevicePrimaryCtxGetState(int, unsigned* flags, int* active) {
  Lock lock(guard);
  *flags = 0;
  *active = context_references > 0 ? 1 : 0;
  return SUCCESS;
}

// A context of one's own is the primary one here: there is nothing to keep apart.
DRIVER_API CUresult cuCtxCreate_v2(void** context, unsigned, int) {
  Lock lock(guard);
  if (CUresult status = enter("cuCtxCreate", false)) return status;
  retain(context);
  current_context = *context;
  return SUCCESS;
}

DRIVER_API CUresult cuCtxDestroy_v2(void*) {
  Lock lock(guard);
  counters.calls["cuCtxDestroy"]++;
  return release_context();
}

DRIVER_API CUresult cuCtxSetCurrent(void* context) {
  Lock lock(guard);
  if (CUresult status = enter("cuCtxSetCurrent", false)) return status;
  if (context != nullptr && context != &the_context) return fail(INVALID_CONTEXT, "this is no context");
  current_context = context;
  return SUCCESS;
}

DRIVER_API CUresult cuCtxGetCurrent(void** context) {
  Lock lock(guard);
  *context = context_is_current() ? current_context : nullptr;
  return SUCCESS;
}

DRIVER_API CUresult cuCtxGetDevice(int* device) {
  Lock lock(guard);
  if (CUresult status = enter("cuCtxGetDevice")) return status;
  *device = 0;
  return SUCCESS;
}

DRIVER_API CUresult cuCtxSynchronize() {
  Lock lock(guard);
  if (CUresult status = enter("cuCtxSynchronize")) return status;
  if (CUresult status = refuse_during_any_capture("cuCtxSynchronize")) return status;
  if (CUresult status = run_all_streams()) return status;
  const std::string damage = damage_anywhere();
  if (!damage.empty()) break_context(ILLEGAL_ADDRESS, "a kernel or a copy " + damage);
  return sticky_status();
}

// ---- What a test may order and ask ----

DRIVER_API void impromptu_double_fail_after(const char* call, unsigned calls_before, CUresult status) {
  Lock lock(guard);
  orders.push_back({call, calls_before, status});
}

DRIVER_API void impromptu_double_fail_next(const char* call, CUresult status) {
  impromptu_double_fail_after(call, 0, status);
}

DRIVER_API void impromptu_double_fail_kernel(const char* kernel, unsigned runs_before, CUresult status) {
  Lock lock(guard);
  kernel_orders.push_back({kernel, runs_before, status});
}

DRIVER_API void impromptu_double_limit_grid(const char* kernel, unsigned x, unsigned y) {
  Lock lock(guard);
  grid_limits[kernel] = {x, y};
}

DRIVER_API void impromptu_double_lose_device(CUresult status) {
  Lock lock(guard);
  break_context(status, "the device is lost");
}

DRIVER_API CUresult impromptu_double_set_capability(int major, int minor) {
  Lock lock(guard);
  const Claim* found = claim_of(10 * major + minor);
  if (found == nullptr) return INVALID_VALUE;
  claimed = found;
  return SUCCESS;
}

DRIVER_API CUresult impromptu_double_set_driver_version(int version) {
  Lock lock(guard);
  if (version < 12000 || version > USUAL_DRIVER) return INVALID_VALUE;
  driver = version;
  return SUCCESS;
}

DRIVER_API void impromptu_double_set_schedule(unsigned long long seed) {
  Lock lock(guard);
  set_kernel_schedule(seed);
}

DRIVER_API void impromptu_double_set_access_checks(int wanted) {
  Lock lock(guard);
  set_access_checks(wanted != 0);
}

DRIVER_API void impromptu_double_set_watchdog(unsigned milliseconds) {
  Lock lock(guard);
  set_watchdog(milliseconds == 0 ? watchdog_at_start() : milliseconds);
}

DRIVER_API void impromptu_double_set_memory(std::size_t bytes) {
  Lock lock(guard);
  set_memory_limit(bytes);
}

// What earlier tests ordered and counted is forgotten; memory, streams and contexts stay.
DRIVER_API void impromptu_double_reset() {
  Lock lock(guard);
  orders.clear();
  kernel_orders.clear();
  grid_limits.clear();
  counters = {};
  set_kernel_schedule(schedule_at_start());
  set_access_checks(access_checks_at_start());
  set_watchdog(watchdog_at_start());
  set_memory_limit(0);
  claimed = claim_at_start();
  driver = USUAL_DRIVER;
  forget_memory_reports();
}

// See replace_host_kernels; whatever was left of a context ends. The text is valid until the next call.
DRIVER_API const char* impromptu_double_replace_kernels(const char* path) {
  static std::string text;
  Lock lock(guard);
  context_references = 0;
  end_context();
  text = replace_host_kernels(path);
  return text.c_str();
}

DRIVER_API unsigned impromptu_double_unused_orders() {
  Lock lock(guard);
  return static_cast<unsigned>(orders.size() + kernel_orders.size());
}

DRIVER_API std::uint64_t impromptu_double_calls(const char* call) {
  Lock lock(guard);
  return counters.calls[call];
}

DRIVER_API std::uint64_t impromptu_double_launches(const char* kernel) {
  Lock lock(guard);
  return counters.launches[kernel];
}

DRIVER_API std::uint64_t impromptu_double_runs(const char* kernel) {
  Lock lock(guard);
  return counters.runs[kernel];
}

DRIVER_API std::uint64_t impromptu_double_bytes_to_device() {
  Lock lock(guard);
  return counters.bytes_to_device;
}

DRIVER_API std::uint64_t impromptu_double_bytes_to_host() {
  Lock lock(guard);
  return counters.bytes_to_host;
}

DRIVER_API int impromptu_double_contexts() {
  Lock lock(guard);
  return context_references;
}
