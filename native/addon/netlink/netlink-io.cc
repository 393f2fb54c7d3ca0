#include "netlink/netlink-io.h"

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "napi-util.h"

namespace cygnet {

namespace {

/** PolledIo has a word of its own in it. */
constexpr size_t kControlBytes = 64;

}  // namespace

NetlinkIo* NetlinkIo::Create(Napi::Env env, const NetlinkOptions& options, int fd) {
  auto control = Slab::Allocate(kControlBytes);
  auto answers = Slab::Allocate(options.answer_bytes);
  auto requests = Slab::Allocate(options.request_bytes);
  if (!control || !answers || !requests) {
    ThrowSystem(env, "calloc", ENOMEM);
    close(fd);
    return nullptr;
  }
  auto* io = new NetlinkIo(env, fd, std::move(control), std::move(answers), std::move(requests));
  if (io->Open("CYGNET_NETLINK")) return io;
  delete io;
  return nullptr;
}

NetlinkIo::NetlinkIo(Napi::Env env, int fd, std::shared_ptr<Slab> control, std::shared_ptr<Slab> answers,
                     std::shared_ptr<Slab> requests)
    : PolledIo(env, fd, std::move(control), std::move(answers)), request_slab_(std::move(requests)) {}

int NetlinkIo::Send(uint32_t bytes, uint32_t first, uint32_t count) {
  if (closed()) return EBADF;
  if (bytes > request_slab_->size()) return EMSGSIZE;
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  outstanding_ = 0;
  ssize_t sent;
  do {
    sent = sendto(fd(), request_slab_->data(), bytes, 0, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return errno;
  first_ = first;
  count_ = outstanding_ = count;
  return 0;
}

int NetlinkIo::Receive(int timeout_ms, uint32_t* octets) {
  *octets = 0;
  while (outstanding_ > 0 && !closed() && receive_slab()->size() - *octets >= kMaxNetlinkDatagram) {
    const ssize_t length = ReadDatagram(*octets);
    if (length >= 0) {
      Conclude(receive_slab()->data() + *octets, static_cast<uint32_t>(length));
      *octets += NLMSG_ALIGN(static_cast<uint32_t>(length));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return errno;
    // XFRM and rtnetlink answer within sendto, so that this is the rare case.
    pollfd readable{fd(), POLLIN, 0};
    const int ready = poll(&readable, 1, timeout_ms);
    if (ready == 0) return ETIMEDOUT;
    if (ready < 0 && errno != EINTR) return errno;
  }
  return closed() ? EBADF : 0;
}

uint32_t NetlinkIo::Read() {
  uint32_t octets = 0;
  while (receive_slab()->size() - octets >= kMaxNetlinkDatagram) {
    const ssize_t length = ReadDatagram(octets);
    if (length >= 0) {
      octets += NLMSG_ALIGN(static_cast<uint32_t>(length));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == ENOBUFS || errno == EMSGSIZE) {
      nlmsghdr overrun{};
      overrun.nlmsg_len = NLMSG_HDRLEN;
      overrun.nlmsg_type = NLMSG_OVERRUN;
      memcpy(receive_slab()->data() + octets, &overrun, sizeof overrun);
      octets += NLMSG_HDRLEN;
      continue;
    }
    break;
  }
  return octets;
}

ssize_t NetlinkIo::ReadDatagram(uint32_t offset) {
  for (;;) {
    sockaddr_nl from{};
    iovec data{receive_slab()->data() + offset, kMaxNetlinkDatagram};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    const ssize_t length = recvmsg(fd(), &message, 0);
    if (length < 0) return -1;
    // Any process may send to the socket; only the kernel is listened to.
    if (message.msg_namelen != sizeof from || from.nl_pid != 0) continue;
    if (message.msg_flags & MSG_TRUNC) {
      errno = EMSGSIZE;
      return -1;
    }
    return length;
  }
}

void NetlinkIo::Conclude(const uint8_t* messages, uint32_t length) {
  uint32_t at = 0;
  while (length - at >= NLMSG_HDRLEN) {
    nlmsghdr header;
    memcpy(&header, messages + at, sizeof header);
    if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > length - at) return;
    const bool is_last = header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE;
    if (is_last && header.nlmsg_seq - first_ < count_ && outstanding_ > 0) outstanding_--;
    const uint32_t aligned = NLMSG_ALIGN(header.nlmsg_len);
    if (aligned > length - at) return;
    at += aligned;
  }
}

}  // namespace cygnet
