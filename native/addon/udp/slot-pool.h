#pragma once

#include <cstdint>
#include <memory>

#include "udp/packet-layout.h"
#include "udp/slab.h"

namespace cygnet {

/**
 * The slots of a receive slab, each a PacketHeader and room for a payload, and the stack of the free ones.
 *
 * The stack is shared with JavaScript, which may write nonsense there: counts and slot numbers are checked before use.
 */
class SlotPool {
 public:
  SlotPool(std::shared_ptr<Slab> control, std::shared_ptr<Slab> slab, uint32_t slots, uint32_t max_packet);

  /** Octets per slot for payloads of up to `max_packet`. */
  static size_t SlotBytes(uint32_t max_packet) { return kHeaderBytes + AlignUp(max_packet); }
  /** Octets of the control slab. */
  static size_t ControlBytes(uint32_t slots) { return (kFreeStack + slots + kDelivered) * sizeof(int32_t); }

  bool HasFree() const;
  uint32_t max_packet() const { return max_packet_; }

  /**
   * Writes up to `most` free slots to `out` and returns how many. They stay free until `Take`. A corrupt stack counts in
   * `errors` and gives none.
   */
  uint32_t Peek(uint32_t* out, uint32_t most);
  /** The first `count` of the slots that were peeked are in use from now on. */
  void Take(uint32_t count);
  /** Gives one of the slots just taken back. */
  void Return(uint32_t slot);
  /** Counts a datagram that was discarded for its length. */
  void CountOversized();

  PacketHeader* header(uint32_t slot) const { return reinterpret_cast<PacketHeader*>(slot_data(slot)); }
  uint8_t* payload(uint32_t slot) const { return slot_data(slot) + kHeaderBytes; }
  /** Where the slots of the current batch are told to JavaScript. */
  int32_t* batch() const { return words() + kFreeStack + slots_; }

  /** Datagrams discarded for being longer than `max_packet`. */
  uint64_t oversized = 0;
  uint64_t errors = 0;

 private:
  int32_t* words() const { return reinterpret_cast<int32_t*>(control_->data()); }
  uint32_t free_count() const;
  uint8_t* slot_data(uint32_t slot) const { return slab_->data() + slot * SlotBytes(max_packet_); }

  const std::shared_ptr<Slab> control_;
  const std::shared_ptr<Slab> slab_;
  const uint32_t slots_;
  const uint32_t max_packet_;
};

}  // namespace cygnet
