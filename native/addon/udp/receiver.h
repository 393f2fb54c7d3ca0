#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>

#include "udp/first-messages.h"
#include "udp/packet-layout.h"
#include "udp/slot-pool.h"

namespace cygnet {

class Forwarding;

/** Reads datagrams of one socket into free slots, and hands on those that are for another shard. */
class Receiver {
 public:
  /** @param port the socket's, in host order */
  Receiver(SlotPool pool, FirstMessageGate gate, uint16_t port);
  ~Receiver();

  /**
   * Reads until nothing waits, at most kDelivered that are handed over and about kMostPerRead that are looked at: what
   * finishes something may wait behind a flood of what begins something. The slots that hold one are written to the batch
   * area of the control slab, and are the caller's.
   *
   * @return how many; 0 when nothing was there, no slot was free, all were for other shards or shed, or the call failed
   *   (counted in `errors`)
   */
  uint32_t Read(int fd);

  /** From now on datagrams for other shards go to them. */
  void Forward(std::unique_ptr<Forwarding> forwarding);
  /** Lets go of what datagrams are forwarded with: nothing is read any more. */
  void End();

  const SlotPool& pool() const { return pool_; }
  /** First messages that were dropped because there was no room for them. */
  uint64_t shed() const { return gate_.shed; }
  /** Null while all datagrams are for this thread. */
  const Forwarding* forwarding() const { return forwarding_.get(); }

  /** Handed over, those to other shards not among them. */
  uint64_t received = 0;
  /** Calls that failed other than by having nothing to read. */
  uint64_t errors = 0;
  /** The kernel's count of datagrams lost to a full buffer, as of the last datagram. */
  uint32_t kernel_drops = 0;

 private:
  /** Room for packet info and the drop counter, each with its header. */
  static constexpr size_t kAncillaryBytes = 128;

  /** One recvmmsg into up to `wanted` of the free slots; the first of the batch area that is free is `delivered`. */
  uint32_t ReadOnce(int fd, uint32_t wanted, uint32_t* delivered);
  void Describe(const mmsghdr& message, PacketHeader* header);

  SlotPool pool_;
  FirstMessageGate gate_;
  const uint16_t port_;
  std::unique_ptr<Forwarding> forwarding_;
  mmsghdr messages_[kBatch];
  iovec vectors_[kBatch];
  sockaddr_in6 names_[kBatch];
  alignas(cmsghdr) uint8_t ancillary_[kBatch][kAncillaryBytes];
};

}  // namespace cygnet
