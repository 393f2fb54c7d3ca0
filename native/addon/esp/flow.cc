#include "esp/flow.h"

#include <cstring>

namespace cygnet::esp {

namespace {

constexpr size_t kIpv4Header = 20;
constexpr size_t kIpv6Header = 40;
/** More extension headers than any sane packet has; what is behind them has no ports. */
constexpr int kMaxExtensions = 8;

uint16_t Read16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }

void ReadPorts(const uint8_t* at, size_t size, Flow* flow) {
  switch (flow->protocol) {
    case 6:    // TCP
    case 17:   // UDP
    case 33:   // DCCP
    case 132:  // SCTP
    case 136:  // UDP-Lite
      if (size < 4) return;
      flow->source_port = Read16(at);
      flow->destination_port = Read16(at + 2);
      flow->has_ports = true;
      return;
    case 1:   // ICMP
    case 58:  // ICMPv6
      if (size < 2) return;
      flow->source_port = flow->destination_port = Read16(at);
      flow->has_ports = true;
      return;
    default:
      return;
  }
}

size_t ReadIpv4(const uint8_t* packet, size_t size, Flow* flow) {
  if (size < kIpv4Header) return 0;
  const size_t header = static_cast<size_t>(packet[0] & 0x0f) * 4;
  const size_t length = Read16(packet + 2);
  if (header < kIpv4Header || length < header || length > size) return 0;
  flow->family = 4;
  flow->protocol = packet[9];
  memcpy(flow->source, packet + 12, 4);
  memcpy(flow->destination, packet + 16, 4);
  const bool is_first = (Read16(packet + 6) & 0x1fff) == 0;
  if (is_first) ReadPorts(packet + header, length - header, flow);
  return length;
}

size_t ReadIpv6(const uint8_t* packet, size_t size, Flow* flow) {
  if (size < kIpv6Header) return 0;
  const size_t length = kIpv6Header + Read16(packet + 4);
  if (length > size) return 0;
  flow->family = 6;
  memcpy(flow->source, packet + 8, 16);
  memcpy(flow->destination, packet + 24, 16);
  uint8_t next = packet[6];
  size_t at = kIpv6Header;
  for (int i = 0; i < kMaxExtensions; i++) {
    const bool is_fragment = next == 44;
    // Hop-by-hop options, routing, destination options: the second octet is the length in units of 8 beyond the first.
    const bool is_extension = next == 0 || next == 43 || next == 60;
    if (!is_fragment && !is_extension) {
      flow->protocol = next;
      ReadPorts(packet + at, length - at, flow);
      return length;
    }
    if (length - at < 8) return 0;
    if (is_fragment && (Read16(packet + at + 2) & 0xfff8) != 0) {
      flow->protocol = packet[at];
      return length;
    }
    const size_t step = is_fragment ? 8 : (static_cast<size_t>(packet[at + 1]) + 1) * 8;
    next = packet[at];
    if (step > length - at) return 0;
    at += step;
  }
  flow->protocol = next;
  return length;
}

}  // namespace

size_t ReadFlow(const uint8_t* packet, size_t size, Flow* flow) {
  if (size == 0) return 0;
  switch (packet[0] >> 4) {
    case 4:
      return ReadIpv4(packet, size, flow);
    case 6:
      return ReadIpv6(packet, size, flow);
    default:
      return 0;
  }
}

}  // namespace cygnet::esp
