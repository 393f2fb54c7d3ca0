#include "udp/udp-open.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cygnet {

namespace {

OpenResult Failed(const char* syscall, int error, int fd_to_close = -1) {
  if (fd_to_close >= 0) close(fd_to_close);
  return {-1, syscall, error};
}

bool SetInt(int fd, int level, int name, int value) { return setsockopt(fd, level, name, &value, sizeof value) == 0; }

int GetInt(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

/** What every socket needs, adopted or new. Returns false with errno set. */
bool SetUp(int fd, const UdpOptions& options) {
  const bool ipv4 = options.domain == AF_INET;
  if (!SetInt(fd, ipv4 ? SOL_IP : SOL_IPV6, ipv4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1)) return false;
  // The counter of datagrams lost to a full buffer. Old kernels lack it; SO_MEMINFO then is the only source.
  SetInt(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
  // Beyond net.core.rmem_max needs CAP_NET_ADMIN; what was granted is in the status.
  if (options.receive_buffer > 0 && !SetInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, options.receive_buffer)) {
    SetInt(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  }
  if (options.mark != 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &options.mark, sizeof options.mark) != 0) return false;
  return true;
}

int Bind(int fd, const UdpOptions& options) {
  if (options.domain == AF_INET) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(options.port);
    memcpy(&name.sin_addr, options.address, sizeof name.sin_addr);
    return bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name);
  }
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(options.port);
  name.sin6_scope_id = options.scope_id;
  memcpy(&name.sin6_addr, options.address, sizeof name.sin6_addr);
  return bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name);
}

}  // namespace

OpenResult OpenUdp(const UdpOptions& options) {
  if (options.adopt_fd >= 0) {
    const int fd = options.adopt_fd;
    if (GetInt(fd, SO_TYPE) < 0) return Failed("getsockopt", errno);
    if (GetInt(fd, SO_DOMAIN) != options.domain || GetInt(fd, SO_PROTOCOL) != IPPROTO_UDP) {
      return Failed("getsockopt", EPROTOTYPE);
    }
    if (!SetUp(fd, options)) return Failed("setsockopt", errno);
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return own < 0 ? Failed("fcntl", errno) : OpenResult{own, "", 0};
  }
  const int fd = socket(options.domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
  if (fd < 0) return Failed("socket", errno);
  if (options.domain == AF_INET6 && !SetInt(fd, SOL_IPV6, IPV6_V6ONLY, 1)) return Failed("setsockopt", errno, fd);
  if (options.reuse_port && !SetInt(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return Failed("setsockopt", errno, fd);
  if (!SetUp(fd, options)) return Failed("setsockopt", errno, fd);
  if (Bind(fd, options) != 0) return Failed("bind", errno, fd);
  return {fd, "", 0};
}

int AllowSharing(int fd) { return SetInt(fd, SOL_SOCKET, SO_REUSEPORT, 1) ? 0 : errno; }

int AttachSteering(int fd, const Steering& steering) {
  std::vector<sock_filter> code = steering.Program();
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0 ? 0 : errno;
}

uint16_t BoundPort(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  if (name.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&name)->sin_port);
  if (name.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&name)->sin6_port);
  return 0;
}

}  // namespace cygnet
