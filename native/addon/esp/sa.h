#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "esp/endpoint.h"
#include "esp/flow.h"
#include "esp/replay-window.h"
#include "esp/transform.h"

namespace cygnet::esp {

/** What became of a packet. */
enum class Verdict : uint8_t {
  kOk,
  /** Too short to be ESP. */
  kTruncated,
  /** Its sequence number was seen, or is older than the window. */
  kReplayed,
  /** Its checksum is wrong. */
  kForged,
  /** Genuine, but what is in it is no IP packet. */
  kMalformed,
  /** A dummy packet, which is to be dropped in silence. */
  kDummy,
  /** No sequence number is left, or its lifetime in octets or packets is over. */
  kExhausted,
  /** OpenSSL failed. */
  kFailed,
};
constexpr size_t kVerdicts = 8;

struct SaLimits {
  /** Octets and packets after which an SA is to be rekeyed (soft) or carries no more (hard); 0 for never. */
  uint64_t soft_bytes = 0, hard_bytes = 0, soft_packets = 0, hard_packets = 0;
};

struct SaSpec {
  uint32_t spi = 0;
  uint32_t reqid = 0;
  bool inbound = false;
  bool esn = false;
  uint32_t replay_window = 0;
  SaLimits limits;
  Endpoint source, destination;
  /** Its packets go out in UDP, and by themselves otherwise. They may come in either way. */
  bool in_udp = true;
};

/** One ESP SA in tunnel mode. The data path has it to itself, but for the counters. */
class Sa {
 public:
  /** Octets that `Seal` needs in front of a packet and behind it. */
  static constexpr size_t kHeadroom = kEspHeader + kMaxIv;
  static constexpr size_t kTailroom = 16 + 2 + kMaxIcv;

  Sa(const SaSpec& spec, std::unique_ptr<Transform> transform);

  const SaSpec& spec() const { return spec_; }

  /**
   * Wraps the `size` octets of an IP packet at `inner`, with kHeadroom octets before and kTailroom behind that are overwritten.
   * @param out where the ESP packet begins, and its octets
   */
  Verdict Seal(uint8_t* inner, size_t size, uint8_t** out, size_t* out_size);

  /**
   * Unwraps an ESP packet in place.
   * @param out where the IP packet begins, and its octets
   * @param flow what it is
   */
  Verdict Open(uint8_t* packet, size_t size, uint8_t** out, size_t* out_size, Flow* flow);

  /** Whether a soft limit was reached, or only a few sequence numbers are left; true once. */
  bool TakeSoftExpiry();
  /** The same of the hard limits. */
  bool TakeHardExpiry();

  /** The sequence number as sent last or received highest. Tests begin elsewhere than at 0. */
  uint64_t sequence() const { return spec_.inbound ? window_.top() : sequence_; }
  void SetSequence(uint64_t sequence);

  /** The endpoints now: SAs move with their IKE_SA. */
  Endpoint source, destination;
  bool in_udp;
  /** The data path saw the peer elsewhere and said so. */
  Endpoint reported_peer;

  /** Written by the data path alone, read by anyone. */
  std::atomic<uint64_t> bytes{0}, packets{0};
  /** Wall time in milliseconds, 0 for never. */
  std::atomic<uint64_t> last_use_ms{0};
  std::atomic<uint64_t> drops[kVerdicts] = {};

 private:
  Verdict Drop(Verdict verdict);
  void Count(size_t octets);
  bool IsOver(uint64_t bytes_limit, uint64_t packets_limit, uint64_t sequence_limit) const;

  const SaSpec spec_;
  const std::unique_ptr<Transform> transform_;
  ReplayWindow window_;
  uint64_t sequence_ = 0;
  bool soft_told_ = false, hard_told_ = false;
};

}  // namespace cygnet::esp
