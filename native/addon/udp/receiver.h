#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>

#include "udp/packet-layout.h"
#include "udp/slab.h"

namespace cygnet {

/**
 * Reads datagrams into the free slots of a slab.
 *
 * The free stack is shared with JavaScript, which may write nonsense there: counts and slot numbers are checked before
 * use.
 */
class Receiver {
 public:
  Receiver(std::shared_ptr<Slab> control, std::shared_ptr<Slab> slab, uint32_t slots, uint32_t max_packet);

  /** Octets per slot for payloads of up to `max_packet`. */
  static size_t SlotBytes(uint32_t max_packet) { return kHeaderBytes + AlignUp(max_packet); }
  /** Octets of the control slab. */
  static size_t ControlBytes(uint32_t slots) { return (kFreeStack + slots + kBatch) * sizeof(int32_t); }

  /**
   * One recvmmsg for as many datagrams as slots are free, at most kBatch. The slots that hold one are written to the
   * batch area of the control slab, and are the caller's.
   *
   * @return how many; 0 when nothing was there, no slot was free, or the call failed (counted in `errors`)
   */
  uint32_t Read(int fd);

  bool HasFreeSlot() const;

  uint64_t received = 0;
  /** Discarded for being longer than `max_packet`. */
  uint64_t oversized = 0;
  /** Calls that failed other than by having nothing to read. */
  uint64_t errors = 0;
  /** The kernel's count of datagrams lost to a full buffer, as of the last datagram. */
  uint32_t kernel_drops = 0;

 private:
  /** Room for packet info and the drop counter, each with its header. */
  static constexpr size_t kAncillaryBytes = 128;

  int32_t* words() const { return reinterpret_cast<int32_t*>(control_->data()); }
  void Describe(const mmsghdr& message, PacketHeader* header);

  const std::shared_ptr<Slab> control_;
  const std::shared_ptr<Slab> slab_;
  const uint32_t slots_;
  const uint32_t max_packet_;
  mmsghdr messages_[kBatch];
  iovec vectors_[kBatch];
  sockaddr_in6 names_[kBatch];
  alignas(cmsghdr) uint8_t ancillary_[kBatch][kAncillaryBytes];
};

}  // namespace cygnet
