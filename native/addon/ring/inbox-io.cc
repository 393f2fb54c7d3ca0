#include "ring/inbox-io.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "napi-util.h"

namespace cygnet {

InboxIo* InboxIo::Create(Napi::Env env, std::shared_ptr<InboxMemory> memory, int wake_fd, uint32_t slots,
                         uint32_t max_packet) {
  auto control = Slab::Allocate(SlotPool::ControlBytes(slots));
  auto slab = Slab::Allocate(SlotPool::SlotBytes(max_packet) * slots);
  if (!control || !slab) {
    ThrowSystem(env, "calloc", ENOMEM);
    close(wake_fd);
    return nullptr;
  }
  SlotPool pool(control, slab, slots, max_packet);
  auto* io = new InboxIo(env, std::move(memory), wake_fd, std::move(pool), std::move(control), std::move(slab));
  if (io->Open("CYGNET_INBOX")) {
    // A predecessor may have gone between taking the wake-up and emptying the lanes.
    io->WakeAgain();
    return io;
  }
  delete io;
  return nullptr;
}

InboxIo::InboxIo(Napi::Env env, std::shared_ptr<InboxMemory> memory, int wake_fd, SlotPool pool,
                 std::shared_ptr<Slab> control, std::shared_ptr<Slab> receive_slab)
    : PolledIo(env, wake_fd, std::move(control), std::move(receive_slab)),
      memory_(std::move(memory)),
      pool_(std::move(pool)),
      gate_(this->control()) {}

void InboxIo::WakeAgain() {
  const uint64_t one = 1;
  if (memory_->Signal()) (void)!write(fd(), &one, sizeof one);
}

uint32_t InboxIo::Read() {
  uint64_t wakes;
  if (read(fd(), &wakes, sizeof wakes) < 0 && errno != EAGAIN && errno != EINTR) errors++;
  memory_->Rearm();

  uint32_t slots[kDelivered];
  const uint32_t wanted = pool_.Peek(slots, kDelivered);
  const uint32_t lanes = memory_->lanes();
  int32_t* const batch = pool_.batch();
  uint32_t count = 0;
  uint32_t empty = 0;
  uint32_t lane = next_lane_;
  // One of each lane in turn, until all are empty.
  for (uint32_t seen = 0; count < wanted && empty < lanes && seen < kMostPerRead; seen++) {
    const PacketHeader* record = memory_->Front(lane);
    if (record == nullptr) {
      empty++;
    } else {
      empty = 0;
      if (Copy(*record, slots[count])) {
        batch[count] = static_cast<int32_t>(slots[count]);
        count++;
      }
      memory_->Pop(lane);
    }
    lane = lane + 1 == lanes ? 0 : lane + 1;
  }
  next_lane_ = lane;
  pool_.Take(count);
  received += count;
  if (empty < lanes) WakeAgain();
  return count;
}

bool InboxIo::Copy(const PacketHeader& record, uint32_t slot) {
  const uint8_t* const payload = reinterpret_cast<const uint8_t*>(&record) + kHeaderBytes;
  if (record.length > pool_.max_packet()) {
    pool_.CountOversized();
    return false;
  }
  if (gate_.Sheds(payload, record.length)) return false;
  memcpy(pool_.header(slot), &record, sizeof record);
  memcpy(pool_.payload(slot), payload, record.length);
  return true;
}

}  // namespace cygnet
