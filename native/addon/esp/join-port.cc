#include "esp/join-port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "udp/udp-open.h"

namespace cygnet::esp {

namespace {

/** Some tens of thousands of packets: the thread that reads them may be kept from it. */
constexpr int kReceiveBytes = 8 << 20;

/** Takes over what decides where the packets of a socket go. */
bool CopyMark(int from, int to) {
  int mark = 0;
  socklen_t size = sizeof mark;
  if (getsockopt(from, SOL_SOCKET, SO_MARK, &mark, &size) != 0 || mark == 0) return true;
  return setsockopt(to, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0;
}

void EnlargeReceiveBuffer(int fd) {
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBytes, sizeof kReceiveBytes) == 0) return;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBytes, sizeof kReceiveBytes);
}

}  // namespace

std::unique_ptr<EspPort> JoinPort(int ike, Steering steering, const char** syscall, int* error) {
  int fd = -1;
  const auto failed = [&](const char* call, int code) {
    *syscall = call;
    *error = code;
    if (fd >= 0) close(fd);
    return nullptr;
  };
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(ike, reinterpret_cast<sockaddr*>(&name), &size) != 0) return failed("getsockname", errno);
  const bool ipv6 = name.ss_family == AF_INET6;
  if (const int refusal = AllowSharing(ike)) return failed("setsockopt", refusal);
  fd = socket(name.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
  if (fd < 0) return failed("socket", errno);
  const int one = 1;
  if (ipv6 && setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0) return failed("setsockopt", errno);
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) != 0) return failed("setsockopt", errno);
  if (!CopyMark(ike, fd)) return failed("setsockopt", errno);
  EnlargeReceiveBuffer(fd);
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), size) != 0) return failed("bind", errno);
  // Its index in the group is its place in the order of binding.
  steering.nat_t = true;
  steering.others = steering.shards;
  if (const int refusal = AttachSteering(ike, steering)) return failed("setsockopt", refusal);
  return std::make_unique<EspPort>(fd, ipv6 ? 6 : 4, false);
}

std::unique_ptr<EspPort> OpenRaw(int ike, const char** syscall, int* error) {
  int fd = -1;
  const auto failed = [&](const char* call, int code) {
    *syscall = call;
    *error = code;
    if (fd >= 0) close(fd);
    return nullptr;
  };
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(ike, reinterpret_cast<sockaddr*>(&name), &size) != 0) return failed("getsockname", errno);
  const bool ipv6 = name.ss_family == AF_INET6;
  if (ipv6) {
    reinterpret_cast<sockaddr_in6*>(&name)->sin6_port = 0;
  } else {
    reinterpret_cast<sockaddr_in*>(&name)->sin_port = 0;
  }
  fd = socket(name.ss_family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ESP);
  if (fd < 0) return failed("socket", errno);
  if (!CopyMark(ike, fd)) return failed("setsockopt", errno);
  EnlargeReceiveBuffer(fd);
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), size) != 0) return failed("bind", errno);
  return std::make_unique<EspPort>(fd, ipv6 ? 6 : 4, true);
}

}  // namespace cygnet::esp
