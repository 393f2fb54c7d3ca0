#include "esp/tun-device.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cygnet::esp {

namespace {

/** Sets MTU and the flag for being up. */
bool Configure(const char* name, uint32_t mtu, const char** syscall) {
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) {
    *syscall = "socket";
    return false;
  }
  ifreq request{};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_mtu = static_cast<int>(mtu);
  *syscall = "ioctl";
  bool ok = ioctl(control, SIOCSIFMTU, &request) == 0 && ioctl(control, SIOCGIFFLAGS, &request) == 0;
  if (ok) {
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    ok = ioctl(control, SIOCSIFFLAGS, &request) == 0;
  }
  const int error = errno;
  close(control);
  errno = error;
  return ok;
}

}  // namespace

TunDevice::TunDevice(const std::string& name, uint32_t mtu, const char** syscall, int* error) : mtu_(mtu) {
  if (Open(name, syscall)) return;
  *error = errno;
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

TunDevice::~TunDevice() {
  if (fd_ >= 0) close(fd_);
}

bool TunDevice::Open(const std::string& name, const char** syscall) {
  *syscall = "open";
  fd_ = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) return false;
  *syscall = "ioctl";
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  if (ioctl(fd_, TUNSETIFF, &request) != 0) return false;
  name_ = request.ifr_name;
  return Configure(request.ifr_name, mtu_, syscall);
}

size_t TunDevice::Read(uint8_t* out, size_t size) {
  ssize_t count;
  do count = read(fd_, out, size);
  while (count < 0 && errno == EINTR);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

bool TunDevice::Write(const uint8_t* packet, size_t size) {
  ssize_t count;
  do count = write(fd_, packet, size);
  while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(size);
}

}  // namespace cygnet::esp
