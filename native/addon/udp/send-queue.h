#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>

#include "udp/packet-layout.h"
#include "udp/slab.h"

namespace cygnet {

/**
 * Sends the records that JavaScript appended to the send slab, each a PacketHeader, the payload and padding to kAlign.
 *
 * Nothing in a record is trusted: offsets and lengths are checked against the queue before the payload is touched.
 */
class SendQueue {
 public:
  SendQueue(std::shared_ptr<Slab> control, std::shared_ptr<Slab> slab, int domain);

  /**
   * Hands all records to the kernel, kBatch per system call. A datagram that the kernel refuses is counted and skipped.
   * @return false when the socket is full: the rest stays queued until it is writable
   */
  bool Flush(int fd);

  /** Octets of queued records. */
  uint32_t queued() const;

  uint64_t sent = 0;
  uint64_t errors = 0;

 private:
  /** Room for packet info and the traffic class, each with its header. */
  static constexpr size_t kAncillaryBytes = 96;

  int32_t* words() const { return reinterpret_cast<int32_t*>(control_->data()); }
  void Fill(uint32_t index, const PacketHeader& header, uint8_t* payload);
  void Failed(int error);

  const std::shared_ptr<Slab> control_;
  const std::shared_ptr<Slab> slab_;
  const int domain_;
  mmsghdr messages_[kBatch];
  iovec vectors_[kBatch];
  sockaddr_in6 names_[kBatch];
  alignas(cmsghdr) uint8_t ancillary_[kBatch][kAncillaryBytes];
};

}  // namespace cygnet
