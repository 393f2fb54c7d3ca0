#pragma once

#include <napi.h>

namespace cygnet {

/** `residentBytes(): number`: resident set size of the process. */
Napi::Value ResidentBytes(const Napi::CallbackInfo& info);

/**
 * `cpuUsage(ofThread: boolean, out: Float64Array)`: microseconds of user and system time of the calling thread or the
 * process.
 */
void CpuUsage(const Napi::CallbackInfo& info);

/** `monotonicNs(): number`: CLOCK_MONOTONIC. */
Napi::Value MonotonicNs(const Napi::CallbackInfo& info);

}  // namespace cygnet
