#pragma once

#include <napi.h>

namespace cygnet {

/**
 * `notify(address: string, message: string)`: one datagram to a socket of AF_UNIX, by its path or, behind a `@`, its
 * abstract name. Waits at most a second for a receiver that does not read.
 */
void Notify(const Napi::CallbackInfo& info);

}  // namespace cygnet
