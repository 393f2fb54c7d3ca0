#include "udp/receiver.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace cygnet {

Receiver::Receiver(std::shared_ptr<Slab> control, std::shared_ptr<Slab> slab, uint32_t slots, uint32_t max_packet)
    : control_(std::move(control)), slab_(std::move(slab)), slots_(slots), max_packet_(max_packet) {
  memset(messages_, 0, sizeof messages_);
  for (uint32_t i = 0; i < kBatch; i++) {
    vectors_[i].iov_len = max_packet_;
    messages_[i].msg_hdr.msg_iov = &vectors_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_name = &names_[i];
    messages_[i].msg_hdr.msg_control = ancillary_[i];
  }
  // The lowest slot on top: a lightly loaded socket touches few pages.
  int32_t* stack = words() + kFreeStack;
  for (uint32_t i = 0; i < slots_; i++) stack[i] = static_cast<int32_t>(slots_ - 1 - i);
  words()[kFreeCount] = static_cast<int32_t>(slots_);
}

bool Receiver::HasFreeSlot() const { return words()[kFreeCount] > 0 && slots_ > 0; }

uint32_t Receiver::Read(int fd) {
  int32_t* const control = words();
  int32_t* const stack = control + kFreeStack;
  const auto free = static_cast<uint32_t>(std::clamp<int32_t>(control[kFreeCount], 0, static_cast<int32_t>(slots_)));
  const uint32_t wanted = std::min(free, kBatch);
  if (wanted == 0) return 0;

  const size_t slot_bytes = SlotBytes(max_packet_);
  uint32_t slots[kBatch];
  for (uint32_t i = 0; i < wanted; i++) {
    const auto slot = static_cast<uint32_t>(stack[free - 1 - i]);
    if (slot >= slots_) {
      // Not a slot of ours: the stack is corrupt from here down. Forget the entry; what is above it is still good.
      std::copy(stack + free - i, stack + free, stack + free - 1 - i);
      control[kFreeCount] = static_cast<int32_t>(free - 1);
      errors++;
      return 0;
    }
    slots[i] = slot;
    vectors_[i].iov_base = slab_->data() + slot * slot_bytes + kHeaderBytes;
    msghdr& header = messages_[i].msg_hdr;
    header.msg_namelen = sizeof names_[i];
    header.msg_controllen = kAncillaryBytes;
    header.msg_flags = 0;
  }

  int count;
  do count = recvmmsg(fd, messages_, wanted, MSG_DONTWAIT, nullptr);
  while (count < 0 && errno == EINTR);
  if (count <= 0) {
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) errors++;
    return 0;
  }

  control[kFreeCount] = static_cast<int32_t>(free) - count;
  int32_t* const batch = stack + slots_;
  uint32_t delivered = 0;
  for (int i = 0; i < count; i++) {
    if (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) {
      oversized++;
      control[kOversized] = static_cast<int32_t>(static_cast<uint32_t>(oversized));
      stack[control[kFreeCount]++] = static_cast<int32_t>(slots[i]);
      continue;
    }
    Describe(messages_[i], reinterpret_cast<PacketHeader*>(slab_->data() + slots[i] * slot_bytes));
    batch[delivered++] = static_cast<int32_t>(slots[i]);
  }
  received += delivered;
  return delivered;
}

void Receiver::Describe(const mmsghdr& message, PacketHeader* header) {
  memset(header, 0, sizeof *header);
  header->length = message.msg_len;
  const auto* name = static_cast<const sockaddr_in6*>(message.msg_hdr.msg_name);
  if (name->sin6_family == AF_INET) {
    const auto* ipv4 = static_cast<const sockaddr_in*>(message.msg_hdr.msg_name);
    header->family = 4;
    header->source_port = ntohs(ipv4->sin_port);
    memcpy(header->source, &ipv4->sin_addr, sizeof ipv4->sin_addr);
  } else {
    header->family = 6;
    header->source_port = ntohs(name->sin6_port);
    memcpy(header->source, &name->sin6_addr, sizeof name->sin6_addr);
    header->scope_id = name->sin6_scope_id;
  }
  auto* ancillary = const_cast<msghdr*>(&message.msg_hdr);
  for (cmsghdr* item = CMSG_FIRSTHDR(ancillary); item != nullptr; item = CMSG_NXTHDR(ancillary, item)) {
    const size_t bytes = item->cmsg_len - CMSG_LEN(0);
    if (item->cmsg_level == SOL_IP && item->cmsg_type == IP_PKTINFO && bytes >= sizeof(in_pktinfo)) {
      in_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      header->interface_index = info.ipi_ifindex;
      memcpy(header->destination, &info.ipi_addr, sizeof info.ipi_addr);
    } else if (item->cmsg_level == SOL_IPV6 && item->cmsg_type == IPV6_PKTINFO && bytes >= sizeof(in6_pktinfo)) {
      in6_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      header->interface_index = static_cast<int32_t>(info.ipi6_ifindex);
      memcpy(header->destination, &info.ipi6_addr, sizeof info.ipi6_addr);
    } else if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SO_RXQ_OVFL && bytes >= sizeof kernel_drops) {
      memcpy(&kernel_drops, CMSG_DATA(item), sizeof kernel_drops);
    }
  }
}

}  // namespace cygnet
