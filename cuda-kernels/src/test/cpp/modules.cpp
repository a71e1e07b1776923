#include "modules.h"

#include "memory.h"
#include "recording.h"
#include "shared_memory.h"
#include "state.h"
#include "streams.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <set>

namespace {

constexpr int MOST_PORTABLE_CLUSTER_BLOCKS = 8;
// How many launches may pass until all canaries are looked at, not only those that a kernel was given a pointer to.
constexpr unsigned LAUNCHES_BETWEEN_FULL_CHECKS = 256;

std::map<Module*, std::unique_ptr<Module>> modules;
// Of all loaded modules.
std::set<const Function*> functions;
unsigned launches_since_full_check = 0;
std::uint64_t dropped = 0;

// The number after the word, as 64 in ".version 6.4" or 90 in ".target sm_90a"; -1 if it is not there.
int number_after(const std::string& ptx, const char* word) {
  std::size_t at = ptx.find(word);
  if (at == std::string::npos) return -1;
  at = ptx.find_first_of("0123456789\n", at);
  if (at == std::string::npos || ptx[at] == '\n') return -1;
  int number = 0;
  for (; at < ptx.size() && (std::isdigit(static_cast<unsigned char>(ptx[at])) || ptx[at] == '.'); at++) {
    if (ptx[at] != '.') number = number * 10 + (ptx[at] - '0');
  }
  return number;
}

// The bytes of ".shared .align 16 .b8 name[1024];" and its like, between two places.
std::size_t shared_between(const std::string& ptx, std::size_t from, std::size_t to) {
  std::size_t sum = 0;
  for (std::size_t at = ptx.find(".shared .align", from); at < to; at = ptx.find(".shared .align", at + 1)) {
    const std::size_t end = ptx.find(';', at);
    const std::size_t bracket = ptx.find('[', at);
    if (bracket < end && ptx[bracket + 1] != ']') sum += std::stoul(ptx.substr(bracket + 1));
  }
  return sum;
}

void read_entries(const std::string& ptx, Module& module) {
  static const std::string word = ".entry ";
  for (std::size_t at = ptx.find(word); at != std::string::npos;) {
    const std::size_t begin = at + word.size();
    std::size_t end = begin;
    while (end < ptx.size() && (std::isalnum(static_cast<unsigned char>(ptx[end])) || ptx[end] == '_')) end++;
    const std::size_t next = ptx.find(word, end);
    module.entries[ptx.substr(begin, end - begin)] = shared_between(ptx, end, std::min(next, ptx.size()));
    at = next;
  }
}

// Leaves the message where the caller asked for it: CU_JIT_ERROR_LOG_BUFFER and its size.
CUresult refuse_image(CUresult status, const std::string& what, unsigned options, const int* keys, void** values) {
  constexpr int LOG = 5;
  constexpr int LOG_BYTES = 6;
  char* log = nullptr;
  std::size_t bytes = 0;
  for (unsigned i = 0; i < options; i++) {
    if (keys[i] == LOG) log = static_cast<char*>(values[i]);
    if (keys[i] == LOG_BYTES) bytes = reinterpret_cast<std::size_t>(values[i]);
  }
  if (log != nullptr && bytes > 0) {
    std::strncpy(log, what.c_str(), bytes - 1);
    log[bytes - 1] = 0;
  }
  return fail(status, what);
}

std::string versioned(int number) { return std::to_string(number / 10) + "." + std::to_string(number % 10); }

// A driver of CUDA 12.0 reads PTX up to 8.0, one of 12.1 up to 8.1.
int newest_ptx() { return 80 + driver_version() % 1000 / 10; }

CUresult load(Module** module, const void* image, unsigned options, const int* keys, void** values) {
  const std::string ptx = static_cast<const char*>(image);
  auto loaded = std::make_unique<Module>();
  loaded->version = number_after(ptx, ".version");
  loaded->target = number_after(ptx, ".target");
  if (loaded->version < 0)
    return refuse_image(INVALID_PTX, "the image has no .version line", options, keys, values);
  if (loaded->version > newest_ptx())
    return refuse_image(UNSUPPORTED_PTX_VERSION,
                        "the image is PTX " + versioned(loaded->version) +
                            ", newer than a driver of CUDA " + versioned(driver_version() / 1000 * 10 + driver_version() % 1000 / 10) + " reads (" +
                            versioned(newest_ptx()) + ")",
                        options, keys, values);
  const int capability = 10 * claim().major + claim().minor;
  if (loaded->target > capability)
    return refuse_image(INVALID_PTX,
                        "the image is for sm_" + std::to_string(loaded->target) + ", but the device is sm_" +
                            std::to_string(capability),
                        options, keys, values);
  read_entries(ptx, *loaded);
  *module = loaded.get();
  modules[*module] = std::move(loaded);
  return SUCCESS;
}

bool is_loaded(const Function* function) { return functions.count(function) > 0; }

std::string shape(const unsigned* dimensions) {
  return std::to_string(dimensions[0]) + "x" + std::to_string(dimensions[1]) + "x" + std::to_string(dimensions[2]);
}

CUresult check_launch(const Function& function, const Geometry& geometry) {
  const HostKernel& kernel = *function.kernel;
  std::uint64_t threads = 1;
  for (int i = 0; i < 3; i++) {
    if (geometry.grid[i] == 0 || geometry.block[i] == 0) return fail(INVALID_VALUE, "the launch has no threads");
    threads *= geometry.block[i];
  }
  if (geometry.grid[0] > 0x7fffffffu || geometry.grid[1] > 65535 || geometry.grid[2] > 65535)
    return fail(INVALID_VALUE, "a grid of " + shape(geometry.grid) + " blocks is too large");
  if (threads > 1024 || geometry.block[2] > 64)
    return fail(INVALID_VALUE, threads > 1024 ? "a block has more than 1024 threads" : "a block is deeper than 64");
  if (threads > kernel.most_threads)
    return fail(INVALID_VALUE, "a block has " + std::to_string(threads) + " threads, but __launch_bounds__ of " +
                                   kernel.name + " promised at most " + std::to_string(kernel.most_threads));
  const std::size_t most = std::max(function.most_dynamic_shared, SHARED_BYTES - function.static_shared);
  if (geometry.dynamic_shared > most)
    return fail(INVALID_VALUE, std::to_string(geometry.dynamic_shared) + " bytes of dynamic shared memory, but " +
                                   kernel.name + " may have " + std::to_string(most) +
                                   ": more must be asked for by cuFuncSetAttribute first");
  if (!kernel.has_cluster) return SUCCESS;
  const unsigned blocks = kernel.cluster[0] * kernel.cluster[1] * kernel.cluster[2];
  if (static_cast<int>(blocks) > claim().most_cluster_blocks ||
      (blocks > MOST_PORTABLE_CLUSTER_BLOCKS && !function.non_portable_cluster))
    return fail(INVALID_CLUSTER_SIZE, "a cluster of " + std::to_string(blocks) + " blocks");
  for (int i = 0; i < 3; i++) {
    if (geometry.grid[i] % kernel.cluster[i] != 0)
      return fail(INVALID_CLUSTER_SIZE, "a grid of " + shape(geometry.grid) + " blocks is no multiple of the cluster of " +
                                            shape(kernel.cluster));
  }
  return SUCCESS;
}

CUresult broken_by(const Launch& launch, CUresult status, const std::string& what) {
  break_context(status, "kernel " + std::string(launch.kernel->name) + " " + what);
  return sticky_status();
}

// A pointer that the kernel was given: null, or to live memory.
CUresult check_pointers(const Launch& launch) {
  for (std::size_t i = 0; i < launch.values.size(); i++) {
    if (!launch.kernel->parameters[i].pointer || launch.values[i] == 0) continue;
    const std::string problem = problem_of_range(launch.values[i], 0);
    if (!problem.empty())
      return broken_by(launch, ILLEGAL_ADDRESS,
                       "was given as argument " + std::to_string(i + 1) + " a pointer to " +
                           describe_address(launch.values[i]));
  }
  return SUCCESS;
}

CUresult check_canaries(const Launch& launch) {
  if (++launches_since_full_check >= LAUNCHES_BETWEEN_FULL_CHECKS) {
    launches_since_full_check = 0;
    const std::string damage = damage_of_live_memory();
    if (!damage.empty()) return broken_by(launch, ILLEGAL_ADDRESS, "or one shortly before it " + damage);
  }
  for (std::size_t i = 0; i < launch.values.size(); i++) {
    if (!launch.kernel->parameters[i].pointer || launch.values[i] == 0) continue;
    const std::string damage = damage_around(launch.values[i]);
    if (!damage.empty()) return broken_by(launch, ILLEGAL_ADDRESS, damage);
  }
  return SUCCESS;
}

}  // namespace

CUresult run_launch(const Launch& launch) {
  counters.runs[launch.kernel->name]++;
  if (const CUresult status = ordered_failure_of_kernel(launch.kernel->name)) {
    break_context(status, std::string("kernel ") + launch.kernel->name + ": asked for by the test");
    return sticky_status();
  }
  if (!is_loaded(launch.function)) return broken_by(launch, INVALID_HANDLE, "was launched, but its module is unloaded");
  if (CUresult status = check_pointers(launch)) return status;
  record_launch(launch);
  std::vector<std::uint64_t> values = launch.values;
  std::vector<void*> arguments;
  for (std::uint64_t& value : values) arguments.push_back(&value);
  const KernelFault fault = run_kernel(*launch.kernel, launch.geometry, arguments.data());
  if (fault.status != 0) {
    break_context(fault.status, fault.what);
    return sticky_status();
  }
  return check_canaries(launch);
}

void drop_modules() {
  // After a failure nothing can be unloaded any more.
  if (sticky_status() == SUCCESS) dropped += modules.size();
  modules.clear();
  functions.clear();
}

// Those that their context unloaded in good order were not given back either.
DRIVER_API std::uint64_t impromptu_double_live_modules() {
  Lock lock(guard);
  return modules.size() + dropped;
}

DRIVER_API CUresult cuModuleLoadDataEx(Module** module, const void* image, unsigned options, int* keys, void** values) {
  Lock lock(guard);
  if (CUresult status = enter("cuModuleLoadDataEx")) return status;
  if (CUresult status = refuse_as_unsafe("cuModuleLoadDataEx")) return status;
  return load(module, image, options, keys, values);
}

DRIVER_API CUresult cuModuleLoadData(Module** module, const void* image) {
  Lock lock(guard);
  if (CUresult status = enter("cuModuleLoadData")) return status;
  if (CUresult status = refuse_as_unsafe("cuModuleLoadData")) return status;
  return load(module, image, 0, nullptr, nullptr);
}

DRIVER_API CUresult cuModuleUnload(Module* module) {
  Lock lock(guard);
  if (CUresult status = enter("cuModuleUnload")) return status;
  if (modules.count(module) == 0) return fail(INVALID_HANDLE, "the module was unloaded already");
  if (CUresult status = run_all_streams()) return status;
  for (const auto& [name, function] : module->functions) functions.erase(&function);
  modules.erase(module);
  return SUCCESS;
}

DRIVER_API CUresult cuModuleGetFunction(Function** function, Module* module, const char* name) {
  Lock lock(guard);
  if (CUresult status = enter("cuModuleGetFunction")) return status;
  if (modules.count(module) == 0) return fail(INVALID_HANDLE, "the module was unloaded already");
  const auto entry = module->entries.find(name);
  if (entry == module->entries.end()) return fail(NOT_FOUND, "the PTX has no such kernel");
  const HostKernel* kernel = host_kernel(name);
  if (kernel == nullptr)
    return fail(NOT_FOUND, "the PTX has this kernel, but no .cu file that the double was built from");
  const auto place = module->functions.try_emplace(name, Function{kernel, module, entry->second, 0, false}).first;
  *function = &place->second;
  functions.insert(*function);
  return SUCCESS;
}

DRIVER_API CUresult cuFuncGetAttribute(int* value, int attribute, Function* function) {
  Lock lock(guard);
  if (CUresult status = enter("cuFuncGetAttribute")) return status;
  if (!is_loaded(function)) return fail(INVALID_HANDLE, "the function's module is unloaded");
  const HostKernel& kernel = *function->kernel;
  const bool cluster = kernel.has_cluster;
  // The numbers of CUfunction_attribute.
  switch (attribute) {
    case 0: *value = static_cast<int>(kernel.most_threads); return SUCCESS;
    case 1: *value = static_cast<int>(function->static_shared); return SUCCESS;
    case 2:
    case 3: *value = 0; return SUCCESS;
    case 4: *value = 32; return SUCCESS;
    case 5: *value = function->module->version; return SUCCESS;
    case 6: *value = 10 * claim().major + claim().minor; return SUCCESS;
    case 8:
      *value = static_cast<int>(std::max(function->most_dynamic_shared, SHARED_BYTES - function->static_shared));
      return SUCCESS;
    case 10: *value = cluster ? 1 : 0; return SUCCESS;
    case 11:
    case 12:
    case 13: *value = cluster ? static_cast<int>(kernel.cluster[attribute - 11]) : 0; return SUCCESS;
    case 14: *value = function->non_portable_cluster ? 1 : 0; return SUCCESS;
    default: return fail(INVALID_VALUE, "the double knows no attribute " + std::to_string(attribute) + " of a function");
  }
}

DRIVER_API CUresult cuFuncSetAttribute(Function* function, int attribute, int value) {
  Lock lock(guard);
  if (CUresult status = enter("cuFuncSetAttribute")) return status;
  if (!is_loaded(function)) return fail(INVALID_HANDLE, "the function's module is unloaded");
  const auto most = static_cast<std::size_t>(claim().shared_per_block_at_most) - function->static_shared;
  switch (attribute) {
    case 8:
      if (value < 0 || static_cast<std::size_t>(value) > most)
        return fail(INVALID_VALUE, std::to_string(value) + " bytes of dynamic shared memory; a block of " +
                                       function->kernel->name + " has room for " + std::to_string(most));
      function->most_dynamic_shared = static_cast<std::size_t>(value);
      return SUCCESS;
    case 9: return SUCCESS;  // PREFERRED_SHARED_MEMORY_CARVEOUT is a hint.
    case 14: function->non_portable_cluster = value != 0; return SUCCESS;
    default: return fail(INVALID_VALUE, "attribute " + std::to_string(attribute) + " of a function cannot be set");
  }
}

DRIVER_API CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Function* function, int threads,
                                                                std::size_t dynamic_shared) {
  Lock lock(guard);
  if (CUresult status = enter("cuOccupancyMaxActiveBlocksPerMultiprocessor")) return status;
  if (!is_loaded(function)) return fail(INVALID_HANDLE, "the function's module is unloaded");
  if (threads < 1) return fail(INVALID_VALUE, "a block has at least one thread");
  const int in_warps = (threads + 31) / 32 * 32;
  *blocks = std::min(claim().threads_per_multiprocessor / in_warps, claim().blocks_per_multiprocessor);
  const std::size_t shared =
      dynamic_shared + function->static_shared + static_cast<std::size_t>(claim().shared_reserved_per_block);
  if (shared > 0)
    *blocks = std::min(*blocks, static_cast<int>(static_cast<std::size_t>(claim().shared_per_multiprocessor) / shared));
  return SUCCESS;
}

DRIVER_API CUresult cuLaunchKernel(Function* function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                   unsigned block_x, unsigned block_y, unsigned block_z, unsigned dynamic_shared,
                                   void* stream, void** arguments, void** extra) {
  Lock lock(guard);
  if (CUresult status = enter("cuLaunchKernel")) return status;
  if (!is_loaded(function)) return fail(INVALID_HANDLE, "the function's module is unloaded");
  if (extra != nullptr) return fail(INVALID_VALUE, "the double takes arguments as an array of pointers only");
  Launch launch{function->kernel, function, {{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, dynamic_shared}, {}};
  if (CUresult status = check_launch(*function, launch.geometry)) return status;
  const GridLimit limit = grid_limit_of(launch.kernel->name);
  launch.geometry.grid[0] = std::min(grid_x, limit.x);
  launch.geometry.grid[1] = std::min(grid_y, limit.y);
  for (std::size_t i = 0; i < launch.kernel->parameters.size(); i++) {
    const std::size_t bytes = launch.kernel->parameters[i].bytes;
    if (bytes > sizeof(std::uint64_t)) return fail(INVALID_VALUE, "a parameter of more than eight bytes");
    std::uint64_t value = 0;
    std::memcpy(&value, arguments[i], bytes);
    launch.values.push_back(value);
  }
  counters.launches[launch.kernel->name]++;
  return submit(stream, NodeKind::KERNEL, [launch] { return run_launch(launch); });
}
