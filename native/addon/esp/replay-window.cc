#include "esp/replay-window.h"

#include <algorithm>
#include <bit>

namespace cygnet::esp {

namespace {

constexpr uint32_t kWordBits = 64;
/** Without a window, how far back a number may lie that is not taken for one of the next 2^32. */
constexpr uint32_t kNoWindow = 1u << 31;

}  // namespace

ReplayWindow::ReplayWindow(uint32_t size)
    : size_(size), words_(size == 0 ? 0 : std::bit_ceil((size + kWordBits - 1) / kWordBits + 1)) {}

uint64_t ReplayWindow::Extend(uint32_t low) const {
  const uint32_t width = size_ == 0 ? kNoWindow : size_;
  const uint32_t top_low = static_cast<uint32_t>(top_);
  const uint64_t high = top_ >> 32;
  const uint32_t bottom = top_low - width + 1;
  // The window lies within one 2^32, or across the border of two.
  if (top_low >= width - 1) return (low >= bottom ? high : high + 1) << 32 | low;
  return (low >= bottom && high > 0 ? high - 1 : high) << 32 | low;
}

bool ReplayWindow::Check(uint64_t sequence) const {
  if (size_ == 0) return true;
  if (sequence == 0) return false;
  if (sequence > top_) return true;
  if (top_ - sequence >= size_) return false;
  return (words_[sequence / kWordBits & (words_.size() - 1)] >> (sequence % kWordBits) & 1) == 0;
}

void ReplayWindow::Accept(uint64_t sequence) {
  if (size_ == 0) {
    top_ = std::max(top_, sequence);
    return;
  }
  const uint64_t mask = words_.size() - 1;
  if (sequence > top_) {
    const uint64_t from = top_ / kWordBits;
    const uint64_t steps = std::min<uint64_t>(sequence / kWordBits - from, words_.size());
    for (uint64_t i = 1; i <= steps; i++) words_[(from + i) & mask] = 0;
    top_ = sequence;
  }
  words_[sequence / kWordBits & mask] |= uint64_t{1} << (sequence % kWordBits);
}

}  // namespace cygnet::esp
