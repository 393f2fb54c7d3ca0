#pragma once

#include <napi.h>

namespace cygnet {

/**
 * `interfaceIndexOf(address: Uint8Array): number`: the interface that has this IPv4 or IPv6 address, 0 when none has.
 */
Napi::Value InterfaceIndexOf(const Napi::CallbackInfo& info);

}  // namespace cygnet
