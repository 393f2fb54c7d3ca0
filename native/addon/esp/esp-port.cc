#include "esp/esp-port.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace cygnet::esp {

namespace {

/** What the kernel splits at most: UDP's limit less a header, and packets. */
constexpr size_t kMaxRunBytes = 65000;
/** How long the socket may take nothing before packets are dropped. */
constexpr int kPatienceMs = 10;

Endpoint ReadName(const sockaddr_in6& name) {
  Endpoint endpoint;
  if (name.sin6_family == AF_INET) {
    const auto* ipv4 = reinterpret_cast<const sockaddr_in*>(&name);
    endpoint.family = 4;
    endpoint.port = ntohs(ipv4->sin_port);
    memcpy(endpoint.address, &ipv4->sin_addr, 4);
  } else {
    endpoint.family = 6;
    endpoint.port = ntohs(name.sin6_port);
    memcpy(endpoint.address, &name.sin6_addr, 16);
  }
  return endpoint;
}

/** @param port 0 for a raw socket, which takes any other one for a protocol */
socklen_t WriteName(const Endpoint& endpoint, uint16_t port, sockaddr_in6* name) {
  memset(name, 0, sizeof *name);
  if (endpoint.family == 4) {
    auto* ipv4 = reinterpret_cast<sockaddr_in*>(name);
    ipv4->sin_family = AF_INET;
    ipv4->sin_port = htons(port);
    memcpy(&ipv4->sin_addr, endpoint.address, 4);
    return sizeof *ipv4;
  }
  name->sin6_family = AF_INET6;
  name->sin6_port = htons(port);
  memcpy(&name->sin6_addr, endpoint.address, 16);
  return sizeof *name;
}

/** Appends an ancillary item behind `*used` octets. */
void Append(uint8_t* buffer, size_t* used, int level, int type, const void* data, size_t bytes) {
  auto* item = reinterpret_cast<cmsghdr*>(buffer + *used);
  memset(item, 0, CMSG_SPACE(bytes));
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(bytes);
  memcpy(CMSG_DATA(item), data, bytes);
  *used += CMSG_SPACE(bytes);
}

bool IsAny(const Endpoint& endpoint) {
  static constexpr uint8_t kZero[16] = {};
  return memcmp(endpoint.address, kZero, sizeof kZero) == 0;
}

/** Octets of the IP header that raw sockets of IPv4 leave in front; all of a packet that is none. */
size_t HeaderBytes(const uint8_t* packet, size_t size) {
  constexpr size_t kLeast = 20;
  if (size < kLeast) return size;
  const size_t header = size_t{4} * (packet[0] & 0x0f);
  return header < kLeast || header > size ? size : header;
}

/** Octets of each packet in a datagram that the kernel joined; 0 for one that it did not. */
size_t SegmentBytes(msghdr* message) {
  for (cmsghdr* item = CMSG_FIRSTHDR(message); item != nullptr; item = CMSG_NXTHDR(message, item)) {
    if (item->cmsg_level != SOL_UDP || item->cmsg_type != UDP_GRO || item->cmsg_len < CMSG_LEN(sizeof(uint16_t))) continue;
    int size = 0;
    memcpy(&size, CMSG_DATA(item), item->cmsg_len >= CMSG_LEN(sizeof size) ? sizeof size : sizeof(uint16_t));
    return size > 0 ? static_cast<size_t>(size) : 0;
  }
  return 0;
}

}  // namespace

EspPort::EspPort(int fd, uint8_t family, bool raw)
    : fd_(fd), family_(family), raw_(raw), read_buffer_(std::make_unique_for_overwrite<uint8_t[]>(kReads * kReadBytes)) {
  const int on = 1;
  // Where the kernel cannot join datagrams they come one by one.
  if (!raw_) setsockopt(fd_, SOL_UDP, UDP_GRO, &on, sizeof on);
  const int off = 0;
  can_segment_ = !raw_ && setsockopt(fd_, SOL_UDP, UDP_SEGMENT, &off, sizeof off) == 0;
  memset(reads_, 0, sizeof reads_);
  memset(messages_, 0, sizeof messages_);
  for (size_t i = 0; i < kReads; i++) {
    read_vectors_[i] = {read_buffer_.get() + i * kReadBytes, kReadBytes};
    reads_[i].msg_hdr.msg_iov = &read_vectors_[i];
    reads_[i].msg_hdr.msg_iovlen = 1;
    reads_[i].msg_hdr.msg_name = &read_names_[i];
    reads_[i].msg_hdr.msg_control = read_control_[i];
  }
}

EspPort::~EspPort() { close(fd_); }

bool EspPort::Receive(std::vector<Datagram>* out) {
  out->clear();
  for (mmsghdr& read : reads_) {
    read.msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    read.msg_hdr.msg_controllen = kControlBytes;
    read.msg_hdr.msg_flags = 0;
  }
  int count;
  do count = recvmmsg(fd_, reads_, kReads, MSG_DONTWAIT, nullptr);
  while (count < 0 && errno == EINTR);
  if (count <= 0) return false;
  for (int i = 0; i < count; i++) {
    read_sources_[i] = ReadName(read_names_[i]);
    auto* data = static_cast<uint8_t*>(read_vectors_[i].iov_base);
    size_t left = reads_[i].msg_len;
    if (raw_ && family_ == 4) {
      const size_t header = HeaderBytes(data, left);
      data += header;
      left -= header;
    }
    const size_t segment = SegmentBytes(&reads_[i].msg_hdr);
    while (left > 0) {
      const size_t size = segment != 0 && segment < left ? segment : left;
      out->push_back({data, size, &read_sources_[i]});
      data += size;
      left -= size;
    }
  }
  received += out->size();
  return true;
}

void EspPort::Queue(uint8_t* packet, size_t size, const Endpoint& source, const Endpoint& destination) {
  queue_[queued_++] = {{packet, size}, source, destination};
  if (queued_ == kBatch) Flush();
}

size_t EspPort::RunLength(size_t first) const {
  if (!can_segment_) return 1;
  const Queued& head = queue_[first];
  const size_t segment = head.vector.iov_len;
  size_t total = segment;
  size_t i = first + 1;
  for (; i < queued_; i++) {
    const Queued& next = queue_[i];
    if (next.vector.iov_len > segment || total + next.vector.iov_len > kMaxRunBytes) break;
    if (!(next.destination == head.destination) || !next.source.SameAddress(head.source)) break;
    total += next.vector.iov_len;
    // Only the last one may be shorter.
    if (next.vector.iov_len < segment) return i + 1 - first;
  }
  return i - first;
}

void EspPort::Prepare(size_t message, size_t first, size_t count) {
  const Queued& head = queue_[first];
  for (size_t i = 0; i < count; i++) vectors_[first + i] = queue_[first + i].vector;
  msghdr& header = messages_[message].msg_hdr;
  header.msg_iov = &vectors_[first];
  header.msg_iovlen = count;
  header.msg_name = &names_[message];
  header.msg_namelen = WriteName(head.destination, raw_ ? 0 : head.destination.port, &names_[message]);
  size_t used = 0;
  if (!IsAny(head.source)) {
    if (family_ == 4) {
      in_pktinfo info{};
      memcpy(&info.ipi_spec_dst, head.source.address, 4);
      Append(control_[message], &used, SOL_IP, IP_PKTINFO, &info, sizeof info);
    } else {
      in6_pktinfo info{};
      memcpy(&info.ipi6_addr, head.source.address, 16);
      Append(control_[message], &used, SOL_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
  }
  if (count > 1) {
    const auto segment = static_cast<uint16_t>(head.vector.iov_len);
    Append(control_[message], &used, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
  }
  header.msg_control = used > 0 ? control_[message] : nullptr;
  header.msg_controllen = used;
  message_first_[message] = first;
  message_count_[message] = count;
}

size_t EspPort::SendMessages(size_t from, size_t count) {
  size_t done = 0;
  while (done < count) {
    const int accepted = sendmmsg(fd_, messages_ + from + done, static_cast<unsigned>(count - done), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (accepted > 0) {
      done += static_cast<size_t>(accepted);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS) break;
    const int error = errno;
    pollfd writable{fd_, POLLOUT, 0};
    if (poll(&writable, 1, kPatienceMs) <= 0 || error == ENOBUFS) {
      errno = error;
      break;
    }
  }
  return done;
}

void EspPort::SendSingly(size_t first, size_t count) {
  for (size_t i = first; i < first + count; i++) {
    // Slot 0 is free: messages are used up from the front.
    Prepare(0, i, 1);
    if (SendMessages(0, 1) == 1) {
      sent++;
    } else {
      send_errors++;
    }
  }
}

void EspPort::Flush() {
  while (queued_ > 0) {
    size_t messages = 0;
    for (size_t i = 0; i < queued_;) {
      const size_t count = RunLength(i);
      Prepare(messages++, i, count);
      i += count;
    }
    const size_t done = SendMessages(0, messages);
    size_t packets = 0;
    for (size_t i = 0; i < done; i++) packets += message_count_[i];
    sent += packets;
    if (done < messages) {
      const int error = errno;
      const size_t first = message_first_[done];
      const size_t count = message_count_[done];
      // A device that cannot split (EIO), or packets larger than the path takes whole, which IP fragments.
      if (count > 1 && (error == EIO || error == EINVAL || error == EMSGSIZE)) {
        if (error == EIO) can_segment_ = false;
        SendSingly(first, count);
      } else {
        send_errors += count;
      }
      packets = first + count;
    }
    // What is left moves up; it is rare.
    for (size_t i = packets; i < queued_; i++) queue_[i - packets] = queue_[i];
    queued_ -= packets;
  }
}

}  // namespace cygnet::esp
