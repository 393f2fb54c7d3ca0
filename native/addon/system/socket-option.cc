#include "system/socket-option.h"

#include <sys/socket.h>

#include <cerrno>

#include "napi-util.h"

namespace cygnet {

void SetSocketOption(const Napi::CallbackInfo& info) {
  const bool octets = info[3].IsTypedArray() && info[3].As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
  if (!info[0].IsNumber() || !info[1].IsNumber() || !info[2].IsNumber() || !octets) {
    return ThrowType(info.Env(), "setSocketOption needs a descriptor, a level, an option and a Uint8Array");
  }
  const auto value = info[3].As<Napi::Uint8Array>();
  const int status =
      setsockopt(info[0].As<Napi::Number>().Int32Value(), info[1].As<Napi::Number>().Int32Value(),
                 info[2].As<Napi::Number>().Int32Value(), value.Data(), static_cast<socklen_t>(value.ByteLength()));
  if (status != 0) ThrowSystem(info.Env(), "setsockopt", errno);
}

}  // namespace cygnet
