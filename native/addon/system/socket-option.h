#pragma once

#include <napi.h>

namespace cygnet {

/** `setSocketOption(fd, level, option, octets)`: setsockopt(2) on a descriptor of the process. */
void SetSocketOption(const Napi::CallbackInfo& info);

}  // namespace cygnet
