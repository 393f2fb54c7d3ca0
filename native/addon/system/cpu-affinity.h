#pragma once

#include <napi.h>

namespace cygnet {

/** `getAffinity(): number[]`: the CPUs the calling thread may run on, ascending. */
Napi::Value GetAffinity(const Napi::CallbackInfo& info);

/** `setAffinity(cpus: Uint32Array)`: restricts the calling thread. */
void SetAffinity(const Napi::CallbackInfo& info);

/** `setProcessAffinity(cpus: Uint32Array)`: restricts all threads of the process, and so all that they start. */
void SetProcessAffinity(const Napi::CallbackInfo& info);

/** `onlineCpus(): number`: whatever the mask says. */
Napi::Value OnlineCpus(const Napi::CallbackInfo& info);

}  // namespace cygnet
