#include "ring/outbox.h"

#include <unistd.h>

#include <utility>

#include "udp/first-messages.h"

namespace cygnet {

Outbox::Outbox(std::vector<Target> targets, uint32_t lane)
    : targets_(std::move(targets)), lane_(lane), touched_(targets_.size(), 0) {}

Outbox::~Outbox() {
  for (const Target& target : targets_) close(target.wake_fd);
}

bool Outbox::Push(uint32_t shard, const PacketHeader& header, const uint8_t* payload) {
  touched_[shard] = 1;
  const bool begins = BeginningOf(payload, header.length) != Beginning::kNone;
  return targets_[shard].memory->Push(lane_, header, payload, begins ? 2 : 1);
}

void Outbox::Flush() {
  const uint64_t one = 1;
  for (size_t i = 0; i < targets_.size(); i++) {
    if (touched_[i] == 0) continue;
    touched_[i] = 0;
    // An eventfd refuses only a sum of 2^64 - 1, and then it is readable all the same.
    if (targets_[i].memory->Signal()) (void)!write(targets_[i].wake_fd, &one, sizeof one);
  }
}

}  // namespace cygnet
