#include "system/cpu-affinity.h"

#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "napi-util.h"

namespace cygnet {

namespace {

/** Linux' NR_CPUS is at most 8192 today; the kernel refuses masks smaller than its own. */
constexpr uint32_t kMaxCpus = 65536;

struct FreeSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};
using CpuSet = std::unique_ptr<cpu_set_t, FreeSet>;

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
  Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array) {
    return ThrowType(env, "cpus must be a Uint32Array");
  }
  auto cpus = info[0].As<Napi::Uint32Array>();
  CpuSet set(CPU_ALLOC(kMaxCpus));
  const size_t bytes = CPU_ALLOC_SIZE(kMaxCpus);
  if (!set) return ThrowSystem(env, "sched_setaffinity", ENOMEM);
  CPU_ZERO_S(bytes, set.get());
  for (size_t i = 0; i < cpus.ElementLength(); i++) {
    if (cpus[i] >= kMaxCpus) return ThrowSystem(env, "sched_setaffinity", EINVAL);
    CPU_SET_S(cpus[i], bytes, set.get());
  }
  if (sched_setaffinity(0, bytes, set.get()) != 0) ThrowSystem(env, "sched_setaffinity", errno);
}

Napi::Value OnlineCpus(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace cygnet
