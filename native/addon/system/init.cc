#include "module.h"
#include "system/cpu-affinity.h"
#include "system/interface-index.h"
#include "system/notify.h"
#include "system/resource-usage.h"
#include "system/socket-option.h"

#ifdef CYGNET_SANITIZE
#include "system/sanitizer-probe.h"
#endif

namespace cygnet {

void InitSystem(Napi::Env env, Napi::Object exports) {
  exports.Set("getAffinity", Napi::Function::New<GetAffinity>(env, "getAffinity"));
  exports.Set("setAffinity", Napi::Function::New<SetAffinity>(env, "setAffinity"));
  exports.Set("setProcessAffinity", Napi::Function::New<SetProcessAffinity>(env, "setProcessAffinity"));
  exports.Set("onlineCpus", Napi::Function::New<OnlineCpus>(env, "onlineCpus"));
  exports.Set("residentBytes", Napi::Function::New<ResidentBytes>(env, "residentBytes"));
  exports.Set("cpuUsage", Napi::Function::New<CpuUsage>(env, "cpuUsage"));
  exports.Set("monotonicNs", Napi::Function::New<MonotonicNs>(env, "monotonicNs"));
  exports.Set("interfaceIndexOf", Napi::Function::New<InterfaceIndexOf>(env, "interfaceIndexOf"));
  exports.Set("notify", Napi::Function::New<Notify>(env, "notify"));
  exports.Set("setSocketOption", Napi::Function::New<SetSocketOption>(env, "setSocketOption"));
#ifdef CYGNET_SANITIZE
  exports.Set("sanitizerProbe", Napi::Function::New<SanitizerProbe>(env, "sanitizerProbe"));
#endif
}

}  // namespace cygnet
