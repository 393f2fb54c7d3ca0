#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ring/inbox-memory.h"

namespace cygnet {

/** One thread's way to the inboxes of all shards: it writes to the same lane of each. */
class Outbox {
 public:
  /** Where datagrams for one shard go. */
  struct Target {
    std::shared_ptr<InboxMemory> memory;
    int wake_fd;
  };

  /** Takes over the `wake_fd` of each target. Every target has more lanes than `lane`. */
  Outbox(std::vector<Target> targets, uint32_t lane);
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  uint32_t shards() const { return static_cast<uint32_t>(targets_.size()); }
  uint64_t forwarded(uint32_t shard) const { return targets_[shard].memory->forwarded(lane_); }
  uint64_t dropped(uint32_t shard) const { return targets_[shard].memory->dropped(lane_); }

  /**
   * Appends a datagram for `shard`; false when its lane is full, which is counted. First messages fill half of it at most:
   * the rest is for what finishes something.
   */
  bool Push(uint32_t shard, const PacketHeader& header, const uint8_t* payload);
  /** Wakes the shards that something was pushed for. */
  void Flush();

 private:
  std::vector<Target> targets_;
  const uint32_t lane_;
  /** By shard: whether `Flush` has to look at it. */
  std::vector<uint8_t> touched_;
};

}  // namespace cygnet
