#include "system/interface-index.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#include "napi-util.h"

namespace cygnet {

namespace {

const void* AddressOf(const sockaddr* name, size_t bytes) {
  if (name == nullptr) return nullptr;
  if (bytes == 4 && name->sa_family == AF_INET) return &reinterpret_cast<const sockaddr_in*>(name)->sin_addr;
  if (bytes == 16 && name->sa_family == AF_INET6) return &reinterpret_cast<const sockaddr_in6*>(name)->sin6_addr;
  return nullptr;
}

}  // namespace

Napi::Value InterfaceIndexOf(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const bool octets = info[0].IsTypedArray() && info[0].As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
  const size_t bytes = octets ? info[0].As<Napi::TypedArray>().ByteLength() : 0;
  if (bytes != 4 && bytes != 16) {
    ThrowType(env, "address must be a Uint8Array of 4 or 16 octets");
    return env.Undefined();
  }
  const uint8_t* address = info[0].As<Napi::Uint8Array>().Data();
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) {
    ThrowSystem(env, "getifaddrs", errno);
    return env.Undefined();
  }
  unsigned index = 0;
  for (const ifaddrs* item = list; item != nullptr && index == 0; item = item->ifa_next) {
    const void* own = AddressOf(item->ifa_addr, bytes);
    if (own != nullptr && memcmp(own, address, bytes) == 0) index = if_nametoindex(item->ifa_name);
  }
  freeifaddrs(list);
  return Napi::Number::New(env, index);
}

}  // namespace cygnet
