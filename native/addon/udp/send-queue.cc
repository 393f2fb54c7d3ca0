#include "udp/send-queue.h"

#include <arpa/inet.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace cygnet {

namespace {

bool IsZero(const uint8_t* octets, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (octets[i] != 0) return false;
  }
  return true;
}

/** Appends one ancillary item behind `*used` octets of `buffer`, which has room for it. */
void Append(uint8_t* buffer, size_t* used, int level, int type, const void* data, size_t bytes) {
  auto* item = reinterpret_cast<cmsghdr*>(buffer + *used);
  memset(item, 0, CMSG_SPACE(bytes));
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(bytes);
  memcpy(CMSG_DATA(item), data, bytes);
  *used += CMSG_SPACE(bytes);
}

}  // namespace

SendQueue::SendQueue(std::shared_ptr<Slab> control, std::shared_ptr<Slab> slab, int domain)
    : control_(std::move(control)), slab_(std::move(slab)), domain_(domain) {
  static_assert(CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int)) <= kAncillaryBytes);
  static_assert(CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(int)) <= kAncillaryBytes);
  memset(messages_, 0, sizeof messages_);
  memset(names_, 0, sizeof names_);
}

uint32_t SendQueue::queued() const {
  const int32_t head = words()[kSendHead];
  const int32_t tail = words()[kSendTail];
  const bool valid = head >= 0 && tail > head && static_cast<size_t>(tail) <= slab_->size();
  return valid ? static_cast<uint32_t>(tail - head) : 0;
}

void SendQueue::Failed(int error) {
  errors++;
  words()[kSendErrors] = static_cast<int32_t>(static_cast<uint32_t>(errors));
  words()[kSendErrno] = error;
}

bool SendQueue::Flush(int fd) {
  int32_t* const control = words();
  if (queued() == 0) {
    control[kSendHead] = control[kSendTail] = 0;
    return true;
  }
  size_t head = static_cast<size_t>(control[kSendHead]);
  const size_t tail = static_cast<size_t>(control[kSendTail]);
  size_t ends[kBatch];
  bool blocked = false;

  while (head < tail && !blocked) {
    uint32_t count = 0;
    size_t cursor = head;
    bool corrupt = false;
    while (cursor < tail && count < kBatch) {
      PacketHeader header;
      if (tail - cursor < kHeaderBytes) {
        corrupt = true;
        break;
      }
      memcpy(&header, slab_->data() + cursor, sizeof header);
      const bool ours = header.family == (domain_ == AF_INET ? 4 : 6);
      if (!ours || header.length > kMaxDatagram || AlignUp(header.length) > tail - cursor - kHeaderBytes) {
        corrupt = true;
        break;
      }
      Fill(count, header, slab_->data() + cursor + kHeaderBytes);
      cursor += kHeaderBytes + AlignUp(header.length);
      ends[count++] = cursor;
    }

    uint32_t done = 0;
    while (done < count) {
      const int accepted = sendmmsg(fd, messages_ + done, count - done, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (accepted > 0) {
        done += static_cast<uint32_t>(accepted);
        sent += static_cast<uint64_t>(accepted);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        blocked = true;
        break;
      } else if (errno != EINTR) {
        Failed(errno);
        done++;
      }
    }
    if (done > 0) head = ends[done - 1];
    if (corrupt && !blocked) {
      // The length of the broken record is unknown, so what follows it cannot be found.
      Failed(EINVAL);
      head = tail;
    }
  }

  if (head == tail) {
    control[kSendHead] = control[kSendTail] = 0;
    return true;
  }
  // Moved down only when half is free: under a long blockade each flush would otherwise copy the whole queue.
  if (head > slab_->size() / 2) {
    memmove(slab_->data(), slab_->data() + head, tail - head);
    control[kSendTail] = static_cast<int32_t>(tail - head);
    head = 0;
  }
  control[kSendHead] = static_cast<int32_t>(head);
  return false;
}

void SendQueue::Fill(uint32_t index, const PacketHeader& header, uint8_t* payload) {
  msghdr& message = messages_[index].msg_hdr;
  uint8_t* const ancillary = ancillary_[index];
  size_t used = 0;
  const int traffic_class = header.traffic_class;
  const bool ipv4 = domain_ == AF_INET;
  const bool pick_source = header.interface_index != 0 || !IsZero(header.source, ipv4 ? 4 : 16);
  if (ipv4) {
    auto* name = reinterpret_cast<sockaddr_in*>(&names_[index]);
    name->sin_family = AF_INET;
    name->sin_port = htons(header.destination_port);
    memcpy(&name->sin_addr, header.destination, sizeof name->sin_addr);
    message.msg_namelen = sizeof *name;
    if (pick_source) {
      in_pktinfo info{};
      info.ipi_ifindex = header.interface_index;
      memcpy(&info.ipi_spec_dst, header.source, sizeof info.ipi_spec_dst);
      Append(ancillary, &used, SOL_IP, IP_PKTINFO, &info, sizeof info);
    }
    if (traffic_class != 0) Append(ancillary, &used, SOL_IP, IP_TOS, &traffic_class, sizeof traffic_class);
  } else {
    sockaddr_in6* name = &names_[index];
    name->sin6_family = AF_INET6;
    name->sin6_port = htons(header.destination_port);
    name->sin6_scope_id = header.scope_id;
    memcpy(&name->sin6_addr, header.destination, sizeof name->sin6_addr);
    message.msg_namelen = sizeof *name;
    if (pick_source) {
      in6_pktinfo info{};
      info.ipi6_ifindex = static_cast<unsigned>(header.interface_index);
      memcpy(&info.ipi6_addr, header.source, sizeof info.ipi6_addr);
      Append(ancillary, &used, SOL_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
    if (traffic_class != 0) Append(ancillary, &used, SOL_IPV6, IPV6_TCLASS, &traffic_class, sizeof traffic_class);
  }
  vectors_[index] = {payload, header.length};
  message.msg_name = &names_[index];
  message.msg_iov = &vectors_[index];
  message.msg_iovlen = 1;
  message.msg_control = used == 0 ? nullptr : ancillary;
  message.msg_controllen = used;
}

}  // namespace cygnet
