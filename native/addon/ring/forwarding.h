#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "ring/outbox.h"
#include "udp/steering.h"

namespace cygnet {

/** Tells the datagrams of this shard from those of others, and sends the latter to where they belong. */
class Forwarding {
 public:
  /** `steering` names no more shards than `outbox` reaches. */
  Forwarding(const Steering& steering, uint32_t shard, std::shared_ptr<Outbox> outbox)
      : steering_(steering), shard_(shard), outbox_(std::move(outbox)) {}

  /** True when the datagram is another shard's: it was copied there, or counted as lost where there was no room. */
  bool Take(const PacketHeader& header, const uint8_t* payload) {
    const uint32_t owner = steering_.ShardOf(payload, header.length, header.source_port);
    if (owner == shard_) return false;
    if (outbox_->Push(owner, header, payload)) {
      forwarded++;
    } else {
      dropped++;
    }
    return true;
  }

  /** Wakes those who got something. */
  void Flush() { outbox_->Flush(); }
  /** Nothing is forwarded any more; the counters stay. */
  void End() { outbox_.reset(); }

  uint64_t forwarded = 0;
  uint64_t dropped = 0;

 private:
  const Steering steering_;
  const uint32_t shard_;
  std::shared_ptr<Outbox> outbox_;
};

}  // namespace cygnet
