#include "system/notify.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "napi-util.h"

namespace cygnet {

namespace {

constexpr timeval kPatience{1, 0};

/** Closes a descriptor at the end of its scope. */
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/** The length of the address, 0 if there is no such one. */
socklen_t MakeAddress(const std::string& text, sockaddr_un* out) {
  const bool abstract = !text.empty() && text[0] == '@';
  // A path is followed by a zero; an abstract name is as long as the address says.
  const size_t size = text.size() + (abstract ? 0 : 1);
  if (text.size() < 2 || size > sizeof(out->sun_path) || text.find('\0') != std::string::npos) return 0;
  std::memset(out, 0, sizeof(*out));
  out->sun_family = AF_UNIX;
  std::memcpy(out->sun_path, text.data(), text.size());
  if (abstract) out->sun_path[0] = '\0';
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
}

}  // namespace

void Notify(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsString()) return ThrowType(env, "notify needs an address and a message");
  const std::string message = info[1].As<Napi::String>().Utf8Value();
  sockaddr_un address;
  const socklen_t length = MakeAddress(info[0].As<Napi::String>().Utf8Value(), &address);
  if (length == 0) return ThrowSystem(env, "sendto", EINVAL);
  const Descriptor fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return ThrowSystem(env, "socket", errno);
  if (setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience)) != 0) {
    return ThrowSystem(env, "setsockopt", errno);
  }
  ssize_t sent;
  do {
    sent = sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address), length);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) ThrowSystem(env, "sendto", errno);
}

}  // namespace cygnet
