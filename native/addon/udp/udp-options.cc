#include "udp/udp-options.h"

#include <sys/socket.h>

#include <climits>
#include <cstring>

#include "napi-util.h"
#include "udp/packet-layout.h"

namespace cygnet {

namespace {

constexpr uint32_t kMaxSendBytes = 16 * 1024 * 1024;

bool ReadAddress(Napi::Env env, Napi::Object object, size_t bytes, uint8_t* out) {
  Napi::Value value = object.Get("address");
  if (env.IsExceptionPending()) return false;
  if (value.IsUndefined()) return true;
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array ||
      value.As<Napi::TypedArray>().ByteLength() != bytes) {
    ThrowType(env, "address must be a Uint8Array of the family's size");
    return false;
  }
  memcpy(out, value.As<Napi::Uint8Array>().Data(), bytes);
  return true;
}

}  // namespace

bool UdpOptions::Read(Napi::Env env, Napi::Value value, UdpOptions* out) {
  if (!value.IsObject()) {
    ThrowType(env, "UdpSocket needs an options object");
    return false;
  }
  Napi::Object object = value.As<Napi::Object>();
  int64_t family, port, fd, scope, mark, buffer, slots, max_packet, send_bytes;
  if (!ReadInteger(object, "family", 4, 6, 0, &family)) return false;
  if (family != 4 && family != 6) {
    ThrowType(env, "family must be 4 or 6");
    return false;
  }
  if (!ReadInteger(object, "port", 0, 65535, 0, &port) || !ReadInteger(object, "fd", 0, INT_MAX, -1, &fd) ||
      !ReadInteger(object, "scopeId", 0, UINT32_MAX, 0, &scope) ||
      !ReadInteger(object, "mark", 0, UINT32_MAX, 0, &mark) ||
      !ReadInteger(object, "receiveBufferBytes", 0, INT_MAX / 2, 0, &buffer) ||
      !ReadInteger(object, "slots", 0, kMaxSlots, 256, &slots) ||
      !ReadInteger(object, "maxPacketBytes", 1, kMaxDatagram, 10000, &max_packet) ||
      !ReadInteger(object, "sendQueueBytes", 0, kMaxSendBytes, 256 * 1024, &send_bytes) ||
      !ReadFlag(object, "reusePort", false, &out->reuse_port) ||
      !ReadAddress(env, object, family == 4 ? 4 : 16, out->address)) {
    return false;
  }
  out->domain = family == 4 ? AF_INET : AF_INET6;
  out->port = static_cast<uint16_t>(port);
  out->adopt_fd = static_cast<int>(fd);
  out->scope_id = static_cast<uint32_t>(scope);
  out->mark = static_cast<uint32_t>(mark);
  out->receive_buffer = static_cast<int>(buffer);
  out->slots = static_cast<uint32_t>(slots);
  out->max_packet = static_cast<uint32_t>(max_packet);
  out->send_bytes = static_cast<uint32_t>(send_bytes);
  return true;
}

}  // namespace cygnet
