#include "netlink/netlink-open.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "napi-util.h"
#include "netlink/netlink-io.h"

namespace cygnet {

namespace {

constexpr int64_t kMaxSlab = 16 << 20;
/** Netlink protocols, as socket(2) takes them: MAX_LINKS. */
constexpr int64_t kMaxProtocol = 31;
constexpr uint32_t kMaxGroups = 64;
/** So that the answers to a handful of requests fit at once. */
constexpr int64_t kDefaultAnswerBytes = 128 << 10;

/** SOL_NETLINK is in no header that C++ code may include beside linux/netlink.h. */
constexpr int kSolNetlink = 270;

OpenResult Failed(const char* syscall, int fd) {
  const int error = errno;
  close(fd);
  return {-1, syscall, error};
}

}  // namespace

bool NetlinkOptions::Read(Napi::Env env, Napi::Value value, NetlinkOptions* out) {
  if (!value.IsObject()) {
    ThrowType(env, "NetlinkSocket needs an object of options");
    return false;
  }
  Napi::Object object = value.As<Napi::Object>();
  int64_t protocol, receive_buffer, request_bytes, answer_bytes;
  if (!ReadInteger(object, "protocol", 0, kMaxProtocol, -1, &protocol) ||
      !ReadInteger(object, "receiveBufferBytes", 0, INT_MAX, 0, &receive_buffer) ||
      !ReadInteger(object, "requestBytes", 0, kMaxSlab, 0, &request_bytes) ||
      !ReadInteger(object, "answerBytes", kMaxNetlinkDatagram, kMaxSlab, kDefaultAnswerBytes, &answer_bytes)) {
    return false;
  }
  if (protocol < 0) {
    ThrowType(env, "protocol must be given");
    return false;
  }
  Napi::Value groups = object.Get("groups");
  if (groups.IsTypedArray() && groups.As<Napi::TypedArray>().TypedArrayType() == napi_uint32_array) {
    const auto list = groups.As<Napi::Uint32Array>();
    if (list.ElementLength() > kMaxGroups) {
      ThrowType(env, "too many groups");
      return false;
    }
    out->groups.assign(list.Data(), list.Data() + list.ElementLength());
  } else if (!groups.IsUndefined()) {
    ThrowType(env, "groups must be a Uint32Array");
    return false;
  }
  out->protocol = static_cast<int>(protocol);
  out->receive_buffer = static_cast<int>(receive_buffer);
  out->request_bytes = static_cast<uint32_t>(request_bytes);
  out->answer_bytes = static_cast<uint32_t>(answer_bytes);
  return true;
}

OpenResult OpenNetlink(const NetlinkOptions& options) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, options.protocol);
  if (fd < 0) return {-1, "socket", errno};
  const int on = 1;
  // Refusals say why in words, and do not repeat the request. Kernels before 4.12 know neither.
  setsockopt(fd, kSolNetlink, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, kSolNetlink, NETLINK_CAP_ACK, &on, sizeof on);
  const int size = options.receive_buffer;
  if (size > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  sockaddr_nl name{};
  name.nl_family = AF_NETLINK;
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) return Failed("bind", fd);
  for (const uint32_t group : options.groups) {
    if (setsockopt(fd, kSolNetlink, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0) return Failed("setsockopt", fd);
  }
  return {fd, "", 0};
}

uint32_t NetlinkPortId(int fd) {
  sockaddr_nl name{};
  socklen_t size = sizeof name;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) == 0 ? name.nl_pid : 0;
}

}  // namespace cygnet
