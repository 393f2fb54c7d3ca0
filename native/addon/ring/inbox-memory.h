#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "udp/packet-layout.h"

namespace cygnet {

/**
 * The datagrams on their way to one shard, in memory that all threads map: one lane per sending thread, each a ring of
 * records (a PacketHeader, the payload, padding to kAlign) with one producer and one consumer, without a lock.
 *
 * A memfd rather than memory of the process: descriptors name it across threads, the kernel counts its users, and it
 * outlives any of them, so that a thread that is replaced finds what waits for its successor.
 *
 * A record is there for the consumer once `tail` has passed it, and gone once `head` has: whoever is killed in between has
 * done nothing.
 */
class InboxMemory {
 public:
  static constexpr uint32_t kMaxLanes = 1024;
  /** Twice the longest record: it always finds room in an empty lane, wherever its end is. */
  static constexpr uint32_t kMinLaneBytes = 33 * 4096;
  static constexpr uint32_t kMaxLaneBytes = 64 * 1024 * 1024;
  static_assert(kMinLaneBytes >= 2 * (kHeaderBytes + AlignUp(kMaxDatagram)));

  /** A new memfd, `lane_bytes` rounded up to whole pages; -1 with errno set on failure. */
  static int Create(uint32_t lanes, uint32_t lane_bytes);
  /** Null with errno set when `fd` is none of ours or cannot be mapped. The descriptor may be closed afterwards. */
  static std::shared_ptr<InboxMemory> Map(int fd);

  ~InboxMemory();
  InboxMemory(const InboxMemory&) = delete;
  InboxMemory& operator=(const InboxMemory&) = delete;

  uint32_t lanes() const { return lanes_; }
  uint32_t lane_bytes() const { return lane_bytes_; }

  /**
   * Producer of `lane`: appends a datagram, or counts it as dropped and returns false when there is no room.
   *
   * @param share as which part of the lane may be in use afterwards: 1 for all of it, 2 for half
   */
  bool Push(uint32_t lane, const PacketHeader& header, const uint8_t* payload, uint32_t share = 1);
  /** Producer, after `Push`: whether the consumer has to be woken. */
  bool Signal() { return head_->signalled.exchange(1, std::memory_order_acq_rel) == 0; }

  /** Consumer, before it looks into the lanes and after it took the wake-up: pushes from here on wake it again. */
  void Rearm() { head_->signalled.exchange(0, std::memory_order_acq_rel); }
  /** Consumer: the oldest record of `lane`, which stays valid until `Pop`; null when the lane is empty. */
  const PacketHeader* Front(uint32_t lane);
  /** Consumer: gives the room of the oldest record back. */
  void Pop(uint32_t lane);

  /** Datagrams that went into `lane`, and those that found it full. From any thread. */
  uint64_t forwarded(uint32_t lane) const { return lane_head(lane).forwarded.load(std::memory_order_relaxed); }
  uint64_t dropped(uint32_t lane) const { return lane_head(lane).dropped.load(std::memory_order_relaxed); }
  /** Octets that wait in `lane`. The consumer's to ask. */
  uint64_t queued(uint32_t lane) const {
    return lane_head(lane).tail.load(std::memory_order_acquire) - lane_head(lane).head.load(std::memory_order_relaxed);
  }

 private:
  /** Fields that different threads write are 64 octets apart: they share no cache line. */
  struct Head {
    uint32_t magic;
    uint32_t lanes;
    uint32_t lane_bytes;
    alignas(64) std::atomic<uint32_t> signalled;
  };
  struct LaneHead {
    /** Octets written since the beginning; the producer's, as are the counters. */
    alignas(64) std::atomic<uint64_t> tail;
    std::atomic<uint64_t> forwarded;
    std::atomic<uint64_t> dropped;
    /** Octets read since the beginning; the consumer's. */
    alignas(64) std::atomic<uint64_t> head;
  };
  static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<uint32_t>::is_always_lock_free);

  static size_t DataAt(uint32_t lanes);
  static size_t TotalBytes(uint32_t lanes, uint32_t lane_bytes);

  InboxMemory(uint8_t* base, size_t bytes);

  LaneHead& lane_head(uint32_t lane) const {
    return reinterpret_cast<LaneHead*>(base_ + sizeof(Head))[lane];
  }
  uint8_t* lane_data(uint32_t lane) const { return base_ + DataAt(lanes_) + size_t{lane} * lane_bytes_; }

  uint8_t* const base_;
  const size_t bytes_;
  Head* const head_;
  const uint32_t lanes_;
  const uint32_t lane_bytes_;
};

}  // namespace cygnet
