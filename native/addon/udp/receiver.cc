#include "udp/receiver.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ring/forwarding.h"

namespace cygnet {

Receiver::Receiver(SlotPool pool, FirstMessageGate gate, uint16_t port)
    : pool_(std::move(pool)), gate_(std::move(gate)), port_(port) {
  memset(messages_, 0, sizeof messages_);
  for (uint32_t i = 0; i < kBatch; i++) {
    vectors_[i].iov_len = pool_.max_packet();
    messages_[i].msg_hdr.msg_iov = &vectors_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_name = &names_[i];
    messages_[i].msg_hdr.msg_control = ancillary_[i];
  }
}

Receiver::~Receiver() = default;

void Receiver::Forward(std::unique_ptr<Forwarding> forwarding) { forwarding_ = std::move(forwarding); }

void Receiver::End() {
  if (forwarding_) forwarding_->End();
}

uint32_t Receiver::Read(int fd) {
  uint32_t delivered = 0;
  uint32_t seen = 0;
  uint32_t wanted;
  uint32_t count;
  do {
    wanted = std::min(kBatch, kDelivered - delivered);
    count = ReadOnce(fd, wanted, &delivered);
    seen += count;
  } while (count == wanted && delivered < kDelivered && seen < kMostPerRead);
  if (forwarding_) forwarding_->Flush();
  received += delivered;
  return delivered;
}

uint32_t Receiver::ReadOnce(int fd, uint32_t wanted, uint32_t* delivered) {
  uint32_t slots[kBatch];
  const uint32_t free = pool_.Peek(slots, wanted);
  if (free == 0) return 0;
  for (uint32_t i = 0; i < free; i++) {
    vectors_[i].iov_base = pool_.payload(slots[i]);
    msghdr& header = messages_[i].msg_hdr;
    header.msg_namelen = sizeof names_[i];
    header.msg_controllen = kAncillaryBytes;
    header.msg_flags = 0;
  }

  int count;
  do count = recvmmsg(fd, messages_, free, MSG_DONTWAIT, nullptr);
  while (count < 0 && errno == EINTR);
  if (count <= 0) {
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) errors++;
    return 0;
  }

  pool_.Take(static_cast<uint32_t>(count));
  int32_t* const batch = pool_.batch();
  for (int i = 0; i < count; i++) {
    const uint32_t slot = slots[i];
    if (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) {
      pool_.CountOversized();
      pool_.Return(slot);
      continue;
    }
    PacketHeader* header = pool_.header(slot);
    Describe(messages_[i], header);
    const uint8_t* const payload = pool_.payload(slot);
    if ((forwarding_ && forwarding_->Take(*header, payload)) || gate_.Sheds(payload, header->length)) {
      pool_.Return(slot);
    } else {
      batch[(*delivered)++] = static_cast<int32_t>(slot);
    }
  }
  return static_cast<uint32_t>(count);
}

void Receiver::Describe(const mmsghdr& message, PacketHeader* header) {
  memset(header, 0, sizeof *header);
  header->length = message.msg_len;
  header->destination_port = port_;
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
