#include "udp/slot-pool.h"

#include <algorithm>
#include <utility>

namespace cygnet {

SlotPool::SlotPool(std::shared_ptr<Slab> control, std::shared_ptr<Slab> slab, uint32_t slots, uint32_t max_packet)
    : control_(std::move(control)), slab_(std::move(slab)), slots_(slots), max_packet_(max_packet) {
  // The lowest slot on top: a lightly loaded socket touches few pages.
  int32_t* stack = words() + kFreeStack;
  for (uint32_t i = 0; i < slots_; i++) stack[i] = static_cast<int32_t>(slots_ - 1 - i);
  words()[kFreeCount] = static_cast<int32_t>(slots_);
}

bool SlotPool::HasFree() const { return words()[kFreeCount] > 0 && slots_ > 0; }

uint32_t SlotPool::free_count() const {
  return static_cast<uint32_t>(std::clamp<int32_t>(words()[kFreeCount], 0, static_cast<int32_t>(slots_)));
}

uint32_t SlotPool::Peek(uint32_t* out, uint32_t most) {
  int32_t* const stack = words() + kFreeStack;
  const uint32_t free = free_count();
  const uint32_t count = std::min(free, most);
  for (uint32_t i = 0; i < count; i++) {
    const auto slot = static_cast<uint32_t>(stack[free - 1 - i]);
    if (slot >= slots_) {
      // Not a slot of ours: the stack is corrupt from here down. Forget the entry; what is above it is still good.
      std::copy(stack + free - i, stack + free, stack + free - 1 - i);
      words()[kFreeCount] = static_cast<int32_t>(free - 1);
      errors++;
      return 0;
    }
    out[i] = slot;
  }
  return count;
}

void SlotPool::Take(uint32_t count) {
  words()[kFreeCount] = static_cast<int32_t>(free_count() - std::min(count, free_count()));
}

void SlotPool::Return(uint32_t slot) {
  const uint32_t free = free_count();
  if (free >= slots_) return;
  words()[kFreeStack + free] = static_cast<int32_t>(slot);
  words()[kFreeCount] = static_cast<int32_t>(free + 1);
}

void SlotPool::CountOversized() {
  oversized++;
  words()[kOversized] = static_cast<int32_t>(static_cast<uint32_t>(oversized));
}

}  // namespace cygnet
