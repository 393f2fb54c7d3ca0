#include "system/resource-usage.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "napi-util.h"

namespace cygnet {

Napi::Value ResidentBytes(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  // The second number of statm is the resident pages; stat, which libuv reads, costs several times as much to produce.
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    ThrowSystem(env, "open", errno);
    return env.Undefined();
  }
  char text[128];
  const ssize_t size = read(fd, text, sizeof text - 1);
  const int error = size < 0 ? errno : EIO;
  close(fd);
  text[size > 0 ? size : 0] = '\0';
  const char* resident = strchr(text, ' ');
  if (resident == nullptr) {
    ThrowSystem(env, "read", error);
    return env.Undefined();
  }
  const double pages = static_cast<double>(strtoull(resident, nullptr, 10));
  return Napi::Number::New(env, pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

void CpuUsage(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsBoolean()) return ThrowType(env, "ofThread must be a boolean");
  if (!info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array ||
      info[1].As<Napi::TypedArray>().ElementLength() < 2) {
    return ThrowType(env, "out must be a Float64Array of at least 2 elements");
  }
  rusage usage;
  if (getrusage(info[0].As<Napi::Boolean>().Value() ? RUSAGE_THREAD : RUSAGE_SELF, &usage) != 0) {
    return ThrowSystem(env, "getrusage", errno);
  }
  auto out = info[1].As<Napi::Float64Array>();
  out[0] = static_cast<double>(usage.ru_utime.tv_sec) * 1e6 + static_cast<double>(usage.ru_utime.tv_usec);
  out[1] = static_cast<double>(usage.ru_stime.tv_sec) * 1e6 + static_cast<double>(usage.ru_stime.tv_usec);
}

Napi::Value MonotonicNs(const Napi::CallbackInfo& info) {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Napi::Number::New(info.Env(), static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec));
}

}  // namespace cygnet
