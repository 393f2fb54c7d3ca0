#pragma once

#include <cstdint>
#include <vector>

namespace cygnet::esp {

/**
 * Which sequence numbers of an SA have been seen, as a ring of words that needs no shifting (RFC 6479). Numbers are the extended ones.
 *
 * `Check` before a packet is verified, `Accept` after.
 */
class ReplayWindow {
 public:
  /** @param size packets; 0 accepts all */
  explicit ReplayWindow(uint32_t size);

  /** The extended number that `low`, as sent, stands for: RFC 4303 appendix A2.2. */
  uint64_t Extend(uint32_t low) const;

  /** False when the number was seen or is older than the window. */
  bool Check(uint64_t sequence) const;

  void Accept(uint64_t sequence);

  /** The highest accepted so far. */
  uint64_t top() const { return top_; }

 private:
  const uint32_t size_;
  /** A power of two, one word more than the window needs, so that old numbers never alias new ones. */
  std::vector<uint64_t> words_;
  uint64_t top_ = 0;
};

}  // namespace cygnet::esp
