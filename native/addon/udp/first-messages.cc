#include "udp/first-messages.h"

#include <cstring>
#include <utility>

#include "udp/packet-layout.h"

namespace cygnet {

namespace {

constexpr size_t kMarkerBytes = 4;
constexpr size_t kIkeHeaderBytes = 28;
constexpr size_t kResponderSpiAt = 8;
constexpr size_t kNextPayloadAt = 16;
constexpr size_t kVersionAt = 17;
constexpr size_t kExchangeAt = 18;
constexpr size_t kFlagsAt = 19;
constexpr uint8_t kResponseFlag = 0x20;
constexpr uint8_t kMainMode = 2;
constexpr uint8_t kAggressiveMode = 4;
constexpr uint8_t kIkeSaInit = 34;
constexpr uint8_t kNotifyPayload = 41;
/** In the notify payload behind the header: its type, of two octets. */
constexpr size_t kNotifyTypeAt = kIkeHeaderBytes + 6;
constexpr uint16_t kCookie = 16390;

bool IsZero(const uint8_t* at, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (at[i] != 0) return false;
  }
  return true;
}

}  // namespace

Beginning BeginningOf(const uint8_t* data, size_t length) {
  // On the port for IKE this may be an SPI that begins with zeros: such a datagram is taken for no beginning, at worst.
  const size_t offset = length >= kMarkerBytes && IsZero(data, kMarkerBytes) ? kMarkerBytes : 0;
  if (length < offset + kIkeHeaderBytes) return Beginning::kNone;
  const uint8_t* const ike = data + offset;
  if (!IsZero(ike + kResponderSpiAt, 8)) return Beginning::kNone;
  const uint8_t exchange = ike[kExchangeAt];
  if (ike[kVersionAt] >> 4 == 1) {
    return exchange == kMainMode || exchange == kAggressiveMode ? Beginning::kPlain : Beginning::kNone;
  }
  if (exchange != kIkeSaInit || (ike[kFlagsAt] & kResponseFlag) != 0) return Beginning::kNone;
  const bool has_notify = ike[kNextPayloadAt] == kNotifyPayload && length >= offset + kNotifyTypeAt + 2;
  if (!has_notify) return Beginning::kPlain;
  const uint16_t type = static_cast<uint16_t>(ike[kNotifyTypeAt] << 8 | ike[kNotifyTypeAt + 1]);
  return type == kCookie ? Beginning::kWithCookie : Beginning::kPlain;
}

FirstMessageGate::FirstMessageGate(std::shared_ptr<Slab> control) : control_(std::move(control)) {
  auto* words = reinterpret_cast<int32_t*>(control_->data());
  words[kFirstRoom] = words[kCookieRoom] = -1;
}

bool FirstMessageGate::Sheds(const uint8_t* data, size_t length) {
  const Beginning beginning = BeginningOf(data, length);
  if (beginning == Beginning::kNone) return false;
  auto* const words = reinterpret_cast<int32_t*>(control_->data());
  const bool is_plain = beginning == Beginning::kPlain;
  int32_t& room = words[is_plain ? kFirstRoom : kCookieRoom];
  const bool sheds = room == 0;
  if (sheds) shed++;
  if (is_plain) reinterpret_cast<uint32_t*>(words)[sheds ? kFirstShed : kFirstAdmitted]++;
  if (room > 0) room--;
  return sheds;
}

}  // namespace cygnet
