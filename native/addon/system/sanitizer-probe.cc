#ifdef CYGNET_SANITIZE

#include "system/sanitizer-probe.h"

#include <climits>
#include <memory>
#include <string>

#include "napi-util.h"

namespace cygnet {

void SanitizerProbe(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) return ThrowType(info.Env(), "fault must be a string");
  const std::string fault = info[0].As<Napi::String>().Utf8Value();
  if (fault == "address") {
    const auto octets = std::make_unique<uint8_t[]>(16);
    volatile size_t behind = 16;
    volatile uint8_t octet = octets[behind];
    static_cast<void>(octet);
  } else if (fault == "undefined") {
    volatile int largest = INT_MAX;
    largest = largest + 1;
  } else {
    ThrowType(info.Env(), "fault must be 'address' or 'undefined'");
  }
}

}  // namespace cygnet

#endif
