// A stand-in libcuda.so.1: the functions of the CUDA driver API that we call, on host memory, with the kernels
// compiled for the host. JCuda, unchanged, loads it as it would load the real one.
//
// It is stricter than a chip: new memory is NaN, every allocation stands between two canary zones, and a kernel that
// wrote into one leaves CUDA_ERROR_ILLEGAL_ADDRESS for the next call, until the context is released. What happened
// exactly stands in cuGetErrorString. What it cannot show: memory ordering, races, speed.
#include "host_cuda.h"
#include "kernels.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <regex>
#include <set>
#include <string>

#define DRIVER_API extern "C" __attribute__((visibility("default")))

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;

namespace {

enum : CUresult {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_DEVICE = 101,
  INVALID_CONTEXT = 201,
  INVALID_PTX = 218,
  UNSUPPORTED_PTX_VERSION = 222,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
};

constexpr std::size_t CANARY_BYTES = 256;
constexpr unsigned char CANARY = 0xC5;
constexpr unsigned char NAN_POISON = 0xFF;
constexpr std::size_t DEVICE_BYTES = std::size_t{1} << 30;
// A driver of CUDA 12.0 reads PTX up to this version.
constexpr int NEWEST_PTX = 80;

struct Module {
  std::set<std::string> entries;
};

struct Function {
  const HostKernel* kernel;
};

std::mutex guard;
bool initialized = false;
int context_references = 0;
thread_local void* current_context = nullptr;
int the_context = 0;
std::map<std::uintptr_t, std::size_t> allocations;
std::size_t allocated = 0;
std::set<Module*> modules;
std::map<std::string, Function> functions;
CUresult sticky = SUCCESS;
std::string what_happened;
std::string fail_call;
CUresult fail_status = SUCCESS;

CUresult fail(CUresult status, const std::string& what) {
  what_happened = what;
  return status;
}

// What every call begins with: an error left behind by a kernel, an error asked for by a test.
CUresult enter(const char* call, bool needs_context = true) {
  if (fail_call == call) {
    fail_call.clear();
    return fail(fail_status, "asked for by the test");
  }
  if (!initialized) return fail(NOT_INITIALIZED, "cuInit was not called");
  if (needs_context && (current_context == nullptr || context_references == 0))
    return fail(INVALID_CONTEXT, "this thread has no current context");
  return needs_context ? sticky : SUCCESS;
}

unsigned char* raw(std::uintptr_t address) { return reinterpret_cast<unsigned char*>(address); }

bool touched(const unsigned char* zone, std::size_t* where) {
  for (std::size_t i = 0; i < CANARY_BYTES; i++) {
    if (zone[i] != CANARY) {
      *where = i;
      return true;
    }
  }
  return false;
}

void check_canaries(const char* kernel) {
  std::size_t where = 0;
  for (const auto& [address, bytes] : allocations) {
    const std::string memory = "an allocation of " + std::to_string(bytes) + " bytes";
    if (touched(raw(address + bytes), &where)) {
      sticky = fail(ILLEGAL_ADDRESS, std::string("kernel ") + kernel + " wrote " + std::to_string(where) +
                                         " bytes past the end of " + memory);
    } else if (touched(raw(address - CANARY_BYTES), &where)) {
      sticky = fail(ILLEGAL_ADDRESS, std::string("kernel ") + kernel + " wrote " +
                                         std::to_string(CANARY_BYTES - where) + " bytes before " + memory);
    }
  }
}

void release(std::map<std::uintptr_t, std::size_t>::iterator allocation) {
  allocated -= allocation->second;
  std::free(raw(allocation->first - CANARY_BYTES));
  allocations.erase(allocation);
}

// Does the range lie within one allocation?
CUresult check_range(CUdeviceptr start, std::size_t bytes) {
  auto after = allocations.upper_bound(start);
  if (after != allocations.begin()) {
    const auto& [address, size] = *std::prev(after);
    if (start - address <= size && bytes <= size - (start - address)) return SUCCESS;
  }
  return fail(INVALID_VALUE, "the range is not inside one allocation");
}

}  // namespace

// The next call of this name fails with this status: for tests, which look the function up by name.
DRIVER_API void impromptu_double_fail_next(const char* call, CUresult status) {
  std::lock_guard<std::mutex> lock(guard);
  fail_call = call;
  fail_status = status;
}

DRIVER_API CUresult cuGetErrorString(CUresult status, const char** text) {
  static thread_local std::string copy;
  std::lock_guard<std::mutex> lock(guard);
  copy = what_happened.empty() ? "status " + std::to_string(status) : what_happened;
  *text = copy.c_str();
  return SUCCESS;
}

DRIVER_API CUresult cuInit(unsigned) {
  std::lock_guard<std::mutex> lock(guard);
  initialized = true;
  return enter("cuInit", false);
}

DRIVER_API CUresult cuDriverGetVersion(int* version) {
  *version = 12000;
  return SUCCESS;
}

DRIVER_API CUresult cuDeviceGetCount(int* count) {
  std::lock_guard<std::mutex> lock(guard);
  *count = 1;
  return enter("cuDeviceGetCount", false);
}

DRIVER_API CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuDeviceGet", false)) return status;
  if (ordinal != 0) return fail(INVALID_DEVICE, "the only device is 0");
  *device = 0;
  return SUCCESS;
}

DRIVER_API CUresult cuDeviceGetName(char* name, int length, CUdevice) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuDeviceGetName", false)) return status;
  std::strncpy(name, "Impromptu driver double", static_cast<std::size_t>(length) - 1);
  name[length - 1] = 0;
  return SUCCESS;
}

DRIVER_API CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuDeviceGetAttribute", false)) return status;
  switch (attribute) {
    case 16: *value = 4; return SUCCESS;  // CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
    case 75: *value = 7; return SUCCESS;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    case 76: *value = 5; return SUCCESS;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR
    default: return fail(INVALID_VALUE, "the double knows no attribute " + std::to_string(attribute));
  }
}

DRIVER_API CUresult cuDevicePrimaryCtxRetain(void** context, CUdevice) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuDevicePrimaryCtxRetain", false)) return status;
  context_references++;
  *context = &the_context;
  return SUCCESS;
}

DRIVER_API CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
  std::lock_guard<std::mutex> lock(guard);
  if (context_references == 0) return fail(INVALID_CONTEXT, "the context was released already");
  if (--context_references == 0) {
    while (!allocations.empty()) release(allocations.begin());
    for (Module* module : modules) delete module;
    modules.clear();
    sticky = SUCCESS;
    what_happened.clear();
  }
  return SUCCESS;
}

DRIVER_API CUresult cuCtxSetCurrent(void* context) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuCtxSetCurrent", false)) return status;
  current_context = context;
  return SUCCESS;
}

DRIVER_API CUresult cuCtxSynchronize() {
  std::lock_guard<std::mutex> lock(guard);
  return enter("cuCtxSynchronize");
}

DRIVER_API CUresult cuMemAlloc_v2(CUdeviceptr* pointer, std::size_t bytes) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuMemAlloc")) return status;
  if (bytes == 0) return fail(INVALID_VALUE, "no bytes were asked for");
  if (bytes > DEVICE_BYTES - allocated)
    return fail(OUT_OF_MEMORY, std::to_string(DEVICE_BYTES - allocated) + " bytes are free");
  auto* block = static_cast<unsigned char*>(std::aligned_alloc(256, (bytes + 2 * CANARY_BYTES + 255) / 256 * 256));
  if (block == nullptr) return fail(OUT_OF_MEMORY, "the host has no memory left");
  std::memset(block, CANARY, CANARY_BYTES);
  std::memset(block + CANARY_BYTES, NAN_POISON, bytes);
  std::memset(block + CANARY_BYTES + bytes, CANARY, CANARY_BYTES);
  const auto address = reinterpret_cast<std::uintptr_t>(block + CANARY_BYTES);
  allocations[address] = bytes;
  allocated += bytes;
  *pointer = address;
  return SUCCESS;
}

DRIVER_API CUresult cuMemFree_v2(CUdeviceptr pointer) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuMemFree")) return status;
  auto allocation = allocations.find(pointer);
  if (allocation == allocations.end()) return fail(INVALID_VALUE, "the address was not allocated, or freed already");
  release(allocation);
  return SUCCESS;
}

// Page-locked host memory is ordinary memory here.
DRIVER_API CUresult cuMemAllocHost_v2(void** pointer, std::size_t bytes) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuMemAllocHost")) return status;
  *pointer = std::malloc(bytes);
  return *pointer == nullptr ? fail(OUT_OF_MEMORY, "the host has no memory left") : SUCCESS;
}

DRIVER_API CUresult cuMemFreeHost(void* pointer) {
  std::lock_guard<std::mutex> lock(guard);
  std::free(pointer);
  return SUCCESS;
}

DRIVER_API CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, std::size_t bytes) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuMemcpyHtoD")) return status;
  if (CUresult status = check_range(to, bytes)) return status;
  std::memcpy(raw(to), from, bytes);
  return SUCCESS;
}

DRIVER_API CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, std::size_t bytes) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuMemcpyDtoH")) return status;
  if (CUresult status = check_range(from, bytes)) return status;
  std::memcpy(to, raw(from), bytes);
  return SUCCESS;
}

// Reads the PTX as far as to know its version and its kernels.
DRIVER_API CUresult cuModuleLoadDataEx(Module** module, const void* image, unsigned, int*, void**) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuModuleLoadDataEx")) return status;
  const std::string ptx = static_cast<const char*>(image);
  std::smatch version;
  if (!std::regex_search(ptx, version, std::regex(R"(\.version\s+(\d+)\.(\d+))")))
    return fail(INVALID_PTX, "the image has no .version line");
  if (std::stoi(version[1]) * 10 + std::stoi(version[2]) > NEWEST_PTX)
    return fail(UNSUPPORTED_PTX_VERSION, "the image is PTX " + version[1].str() + "." + version[2].str() +
                                             ", newer than a driver of CUDA 12.0 reads");
  auto* loaded = new Module;
  const std::regex entry(R"(\.entry\s+(\w+))");
  for (std::sregex_iterator match(ptx.begin(), ptx.end(), entry), end; match != end; ++match)
    loaded->entries.insert((*match)[1]);
  modules.insert(loaded);
  *module = loaded;
  return SUCCESS;
}

DRIVER_API CUresult cuModuleUnload(Module* module) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuModuleUnload")) return status;
  if (modules.erase(module) == 0) return fail(INVALID_HANDLE, "the module was unloaded already");
  delete module;
  return SUCCESS;
}

DRIVER_API CUresult cuModuleGetFunction(Function** function, Module* module, const char* name) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuModuleGetFunction")) return status;
  if (modules.count(module) == 0) return fail(INVALID_HANDLE, "the module was unloaded already");
  if (module->entries.count(name) == 0) return fail(NOT_FOUND, "the PTX has no such kernel");
  const HostKernel* kernel = host_kernel(name);
  if (kernel == nullptr) return fail(NOT_FOUND, "the double was built without this kernel; add it to kernels.cpp");
  *function = &(functions[name] = Function{kernel});
  return SUCCESS;
}

DRIVER_API CUresult cuLaunchKernel(Function* function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                   unsigned block_x, unsigned block_y, unsigned block_z, unsigned, void*,
                                   void** arguments, void**) {
  std::lock_guard<std::mutex> lock(guard);
  if (CUresult status = enter("cuLaunchKernel")) return status;
  if (grid_x == 0 || grid_y == 0 || grid_z == 0 || block_x == 0 || block_y == 0 || block_z == 0)
    return fail(INVALID_VALUE, "the launch has no threads");
  if (static_cast<std::uint64_t>(block_x) * block_y * block_z > 1024)
    return fail(INVALID_VALUE, "a block has more than 1024 threads");
  gridDim = {grid_x, grid_y, grid_z};
  blockDim = {block_x, block_y, block_z};
  for (blockIdx.z = 0; blockIdx.z < grid_z; blockIdx.z++)
    for (blockIdx.y = 0; blockIdx.y < grid_y; blockIdx.y++)
      for (blockIdx.x = 0; blockIdx.x < grid_x; blockIdx.x++)
        for (threadIdx.z = 0; threadIdx.z < block_z; threadIdx.z++)
          for (threadIdx.y = 0; threadIdx.y < block_y; threadIdx.y++)
            for (threadIdx.x = 0; threadIdx.x < block_x; threadIdx.x++) function->kernel->thread(arguments);
  check_canaries(function->kernel->name);
  return SUCCESS;
}
