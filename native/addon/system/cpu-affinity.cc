#include "system/cpu-affinity.h"

#include <dirent.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <unordered_set>
#include <utility>

#include "napi-util.h"

namespace cygnet {

namespace {

/** Linux' NR_CPUS is at most 8192 today; the kernel refuses masks smaller than its own. */
constexpr uint32_t kMaxCpus = 65536;

struct FreeSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};
using CpuSet = std::unique_ptr<cpu_set_t, FreeSet>;
const size_t kSetBytes = CPU_ALLOC_SIZE(kMaxCpus);

struct CloseDir {
  void operator()(DIR* folder) const { closedir(folder); }
};

/** The set of the CPUs in the first argument; false with an exception pending. */
bool ReadCpus(const Napi::CallbackInfo& info, CpuSet* out) {
  Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array) {
    ThrowType(env, "cpus must be a Uint32Array");
    return false;
  }
  auto cpus = info[0].As<Napi::Uint32Array>();
  CpuSet set(CPU_ALLOC(kMaxCpus));
  if (!set) {
    ThrowSystem(env, "sched_setaffinity", ENOMEM);
    return false;
  }
  CPU_ZERO_S(kSetBytes, set.get());
  for (size_t i = 0; i < cpus.ElementLength(); i++) {
    if (cpus[i] >= kMaxCpus) {
      ThrowSystem(env, "sched_setaffinity", EINVAL);
      return false;
    }
    CPU_SET_S(cpus[i], kSetBytes, set.get());
  }
  *out = std::move(set);
  return true;
}

}  // namespace

Napi::Value GetAffinity(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  for (uint32_t cpus = 1024; cpus <= kMaxCpus; cpus *= 2) {
    CpuSet set(CPU_ALLOC(cpus));
    const size_t bytes = CPU_ALLOC_SIZE(cpus);
    if (!set) break;
    CPU_ZERO_S(bytes, set.get());
    if (sched_getaffinity(0, bytes, set.get()) != 0) {
      if (errno == EINVAL) continue;
      ThrowSystem(env, "sched_getaffinity", errno);
      return env.Undefined();
    }
    Napi::Array list = Napi::Array::New(env);
    uint32_t count = 0;
    for (uint32_t cpu = 0; cpu < cpus; cpu++) {
      if (CPU_ISSET_S(cpu, bytes, set.get())) list.Set(count++, Napi::Number::New(env, cpu));
    }
    return list;
  }
  ThrowSystem(env, "sched_getaffinity", EINVAL);
  return env.Undefined();
}

void SetAffinity(const Napi::CallbackInfo& info) {
  CpuSet set;
  if (!ReadCpus(info, &set)) return;
  if (sched_setaffinity(0, kSetBytes, set.get()) != 0) ThrowSystem(info.Env(), "sched_setaffinity", errno);
}

void SetProcessAffinity(const Napi::CallbackInfo& info) {
  CpuSet set;
  if (!ReadCpus(info, &set)) return;
  // First of all this thread: what it may not have, no other one may.
  if (sched_setaffinity(0, kSetBytes, set.get()) != 0) {
    return ThrowSystem(info.Env(), "sched_setaffinity", errno);
  }
  std::unique_ptr<DIR, CloseDir> tasks(opendir("/proc/self/task"));
  if (!tasks) return ThrowSystem(info.Env(), "opendir", errno);
  // A thread that one with the old mask starts meanwhile has it, too: again, until nobody new is found.
  std::unordered_set<pid_t> done;
  for (size_t before = SIZE_MAX; before != done.size();) {
    before = done.size();
    rewinddir(tasks.get());
    while (const dirent* entry = readdir(tasks.get())) {
      const pid_t thread = static_cast<pid_t>(strtol(entry->d_name, nullptr, 10));
      if (thread <= 0 || !done.insert(thread).second) continue;
      // ESRCH: it has ended.
      if (sched_setaffinity(thread, kSetBytes, set.get()) != 0 && errno != ESRCH) {
        return ThrowSystem(info.Env(), "sched_setaffinity", errno);
      }
    }
  }
}

Napi::Value OnlineCpus(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace cygnet
