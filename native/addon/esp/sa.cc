#include "esp/sa.h"

#include <arpa/inet.h>

#include <cstring>
#include <utility>

namespace cygnet::esp {

namespace {

/** Without the extension a sequence number never wraps: RFC 4303 section 3.3.3. */
uint64_t LastSequence(bool esn) { return esn ? UINT64_MAX : UINT32_MAX; }

/** The share of the sequence numbers after which an SA is to be rekeyed whatever its lifetimes: 7 of 8. */
uint64_t SoftSequence(bool esn) { return LastSequence(esn) / 8 * 7; }

/** Plain adding: there is one writer. */
void Add(std::atomic<uint64_t>* counter, uint64_t value) {
  counter->store(counter->load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
}

bool Reached(uint64_t value, uint64_t limit) { return limit != 0 && value >= limit; }

}  // namespace

Sa::Sa(const SaSpec& spec, std::unique_ptr<Transform> transform)
    : source(spec.source),
      destination(spec.destination),
      in_udp(spec.in_udp),
      spec_(spec),
      transform_(std::move(transform)),
      window_(spec.replay_window) {}

void Sa::SetSequence(uint64_t sequence) {
  sequence_ = sequence;
  if (spec_.inbound) window_.Accept(sequence);
}

Verdict Sa::Drop(Verdict verdict) {
  Add(&drops[static_cast<size_t>(verdict)], 1);
  return verdict;
}

void Sa::Count(size_t octets) {
  Add(&bytes, octets);
  Add(&packets, 1);
}

bool Sa::IsOver(uint64_t bytes_limit, uint64_t packets_limit, uint64_t sequence_limit) const {
  return Reached(bytes.load(std::memory_order_relaxed), bytes_limit) ||
         Reached(packets.load(std::memory_order_relaxed), packets_limit) || (!spec_.inbound && sequence_ >= sequence_limit);
}

bool Sa::TakeSoftExpiry() {
  if (soft_told_ || !IsOver(spec_.limits.soft_bytes, spec_.limits.soft_packets, SoftSequence(spec_.esn))) return false;
  return soft_told_ = true;
}

bool Sa::TakeHardExpiry() {
  if (hard_told_ || !IsOver(spec_.limits.hard_bytes, spec_.limits.hard_packets, LastSequence(spec_.esn))) return false;
  return hard_told_ = true;
}

Verdict Sa::Seal(uint8_t* inner, size_t size, uint8_t** out, size_t* out_size) {
  if (IsOver(spec_.limits.hard_bytes, spec_.limits.hard_packets, LastSequence(spec_.esn))) return Drop(Verdict::kExhausted);
  const size_t align = transform_->align();
  const size_t padding = (align - (size + 2) % align) % align;
  uint8_t* trailer = inner + size;
  for (size_t i = 0; i < padding; i++) *trailer++ = static_cast<uint8_t>(i + 1);
  *trailer++ = static_cast<uint8_t>(padding);
  *trailer++ = inner[0] >> 4 == 6 ? kNextIpv6 : kNextIpv4;

  const uint64_t sequence = ++sequence_;
  uint8_t* const packet = inner - transform_->iv() - kEspHeader;
  const uint32_t header[2] = {htonl(spec_.spi), htonl(static_cast<uint32_t>(sequence))};
  memcpy(packet, header, sizeof header);
  const size_t total = static_cast<size_t>(trailer - packet) + transform_->icv();
  if (!transform_->Seal(packet, total, sequence, spec_.esn)) return Drop(Verdict::kFailed);
  Count(size);
  *out = packet;
  *out_size = total;
  return Verdict::kOk;
}

Verdict Sa::Open(uint8_t* packet, size_t size, uint8_t** out, size_t* out_size, Flow* flow) {
  const size_t overhead = kEspHeader + transform_->iv() + transform_->icv();
  if (size < overhead + 2) return Drop(Verdict::kTruncated);
  uint32_t low;
  memcpy(&low, packet + 4, sizeof low);
  low = ntohl(low);
  const uint64_t sequence = spec_.esn ? window_.Extend(low) : low;
  if (!window_.Check(sequence)) return Drop(Verdict::kReplayed);
  if (IsOver(spec_.limits.hard_bytes, spec_.limits.hard_packets, 0)) return Drop(Verdict::kExhausted);
  if (!transform_->Open(packet, size, sequence, spec_.esn)) return Drop(Verdict::kForged);
  window_.Accept(sequence);

  uint8_t* const text = packet + kEspHeader + transform_->iv();
  const size_t text_size = size - overhead;
  const size_t padding = text[text_size - 2];
  const uint8_t next = text[text_size - 1];
  if (next == kNextNone) return Drop(Verdict::kDummy);
  if (padding + 2 > text_size) return Drop(Verdict::kMalformed);
  const size_t inner_size = text_size - 2 - padding;
  for (size_t i = 0; i < padding; i++) {
    if (text[inner_size + i] != i + 1) return Drop(Verdict::kMalformed);
  }
  // Behind the packet may be padding that hides its size (RFC 4303 section 2.7): its own header tells where it ends.
  const size_t length = ReadFlow(text, inner_size, flow);
  const bool agrees = (next == kNextIpv4 && flow->family == 4) || (next == kNextIpv6 && flow->family == 6);
  if (length == 0 || !agrees) return Drop(Verdict::kMalformed);
  Count(length);
  *out = text;
  *out_size = length;
  return Verdict::kOk;
}

}  // namespace cygnet::esp
