#pragma once

#include <napi.h>

namespace cygnet {

/**
 * `sanitizerProbe(fault: "address" | "undefined")`: commits that fault on purpose, which must end the process. Proves
 * that a sanitizer build does watch; no other build has it.
 */
void SanitizerProbe(const Napi::CallbackInfo& info);

}  // namespace cygnet
