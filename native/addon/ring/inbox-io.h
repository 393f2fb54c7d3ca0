#pragma once

#include <napi.h>

#include <memory>

#include "ring/inbox-memory.h"
#include "udp/first-messages.h"
#include "udp/polled-io.h"
#include "udp/slot-pool.h"

namespace cygnet {

/** The consumer's end of an inbox on the event loop: copies records into slots, so that they can be held for long. */
class InboxIo final : public PolledIo {
 public:
  /**
   * Takes `wake_fd`, an eventfd, over.
   * @return null with an exception pending and `wake_fd` closed when there is no memory or libuv refuses the descriptor
   */
  static InboxIo* Create(Napi::Env env, std::shared_ptr<InboxMemory> memory, int wake_fd, uint32_t slots,
                         uint32_t max_packet);

  const InboxMemory& memory() const { return *memory_; }
  const SlotPool& pool() const { return pool_; }
  /** First messages that were dropped because there was no room for them. */
  uint64_t shed() const { return gate_.shed; }

  /** Datagrams handed over. */
  uint64_t received = 0;
  uint64_t errors = 0;

 private:
  InboxIo(Napi::Env env, std::shared_ptr<InboxMemory> memory, int wake_fd, SlotPool pool, std::shared_ptr<Slab> control,
          std::shared_ptr<Slab> receive_slab);

  uint32_t Read() override;
  /** Copies the oldest record of a lane into a free slot. @return false when it was dropped instead */
  bool Copy(const PacketHeader& record, uint32_t slot);
  bool HasFreeSlot() const override { return pool_.HasFree(); }
  void Broken() override { errors++; }
  /** Wakes this end again for what it leaves behind. */
  void WakeAgain();

  const std::shared_ptr<InboxMemory> memory_;
  SlotPool pool_;
  FirstMessageGate gate_;
  /** The lane to begin with, so that none waits behind a busy one. */
  uint32_t next_lane_ = 0;
};

}  // namespace cygnet
