#pragma once

#include <cstddef>
#include <cstdint>

namespace cygnet::esp {

/** Next headers of ESP in tunnel mode, and a dummy packet (RFC 4303 section 2.6). */
constexpr uint8_t kNextIpv4 = 4;
constexpr uint8_t kNextIpv6 = 41;
constexpr uint8_t kNextNone = 59;

/** What of a packet its policy is found by. Addresses in network order, IPv4 in the first 4 octets and the rest zero. */
struct Flow {
  /** 4 or 6. */
  uint8_t family = 0;
  uint8_t protocol = 0;
  /** Whether the ports are known: they are not in a later fragment, and not of a protocol that has none. */
  bool has_ports = false;
  /** In host order. Of ICMP, type and code as one number, in both (RFC 4301 section 4.4.1.1). */
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint8_t source[16] = {};
  uint8_t destination[16] = {};
};

/**
 * Reads the headers of an IP packet.
 * @return its length by its own header, at most `size`; 0 when it is none
 */
size_t ReadFlow(const uint8_t* packet, size_t size, Flow* flow);

}  // namespace cygnet::esp
